# SPDX-License-Identifier: LGPL-2.1-or-later
"""A clean Debian 12 in a folder, booted with systemd and without a network."""
import glob
import os
import shutil
import subprocess
import time

import packages

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ARCHIVE = os.environ.get('ANPR_DEBIAN_ARCHIVE', 'http://deb.debian.org')
SOURCES = ['deb %s/debian bookworm main' % ARCHIVE,
           'deb %s/debian bookworm-updates main' % ARCHIVE,
           'deb %s/debian-security bookworm-security main' % ARCHIVE]
# What a machine has; ss and pgrep for the checks
BASE = 'systemd-sysv,dbus,iproute2,procps,debconf'
# What packages only recommend, and a compiler for the -dev package
BESIDE = ('gstreamer1.0-tools', 'gstreamer1.0-libav', 'gstreamer1.0-plugins-bad',
          'gcc', 'libc6-dev', 'pkg-config')
SETTINGS = '''APT::Install-Recommends "false";
APT::Sandbox::User "root";
Dpkg::Options { "--force-confold"; };
'''
LIMIT_S = 600
WAIT_S = 60


def why_not():
    """Why no such machine can be made here, or None."""
    if os.geteuid() != 0:
        return 'a Debian in a folder takes root'
    for program, package in (('mmdebstrap', 'mmdebstrap'), ('gpg', 'gnupg'),
                             ('systemd-nspawn', 'systemd-container'),
                             ('apt-ftparchive', 'apt-utils')):
        if not shutil.which(program):
            return 'no %s: apt-get install %s' % (program, package)
    return None


def render_samples(folder):
    """What the checks read: a plate, and a film of one vehicle with its list."""
    scene = os.environ.get('ANPR_SCENE',
                           os.path.join(TOP, 'build/bench/scene/anpr-scene'))
    if not os.path.exists(scene):
        subprocess.run([os.path.join(TOP, 'scripts/build')], check=True)
    os.makedirs(folder)
    for options in (['--plate', 'BE:1-KPX-294', '--output', 'plate%d.png'],
                    ['--scenario', 'one', '--output', 'one.mp4'],
                    ['--scenario', 'sample', '--list', 'list.csv']):
        subprocess.run([scene] + options, check=True, cwd=folder, timeout=LIMIT_S)
    plates = glob.glob(os.path.join(folder, 'plate*.png'))
    os.rename(plates[0], os.path.join(folder, 'plate.png'))
    shutil.copy(os.path.join(folder, 'one.mp4'),
                os.path.join(folder, 'sample.mp4'))
    os.chmod(folder, 0o755)


class Machine:
    """Use as a context; ends what it began, whatever happens in it."""

    def __init__(self, folder, built):
        self.root = os.path.join(folder, 'root')
        self.home = os.path.join(folder, 'gnupg')
        self.built = built
        self.log = open(os.path.join(folder, 'console.log'), 'wb')
        self.process = None
        found = packages.find(built)
        self.names = sorted(found)
        version = packages.field(next(iter(found.values())), 'Version')
        self.older = ['%s=%s' % (name, version) for name in self.names]
        self.newer = ['%s=%s+newer' % (name, version) for name in self.names]
        self.data = None

    def __enter__(self):
        try:
            self.make()
            self.fetch()
            self.boot()
            self.run('apt-get', 'install', '-y', *self.older, *BESIDE)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *unused):
        if self.process and self.process.poll() is None:
            self.process.terminate()      # nspawn shuts the machine down
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(20)
        self.log.close()

    def path(self, path):
        return self.root + path

    # --- making it

    def make(self):
        base = os.environ.get('ANPR_BASE')     # a tar of an earlier time
        if base and os.path.exists(base):
            os.makedirs(self.root)
            subprocess.run(['tar', '-xf', base, '-C', self.root], check=True,
                           timeout=LIMIT_S)
        else:
            subprocess.run(['mmdebstrap', '--quiet', '--variant=apt',
                            '--include=' + BASE, 'bookworm', self.root]
                           + SOURCES, check=True, timeout=LIMIT_S)
            if base:
                subprocess.run(['tar', '-cf', base, '-C', self.root, '.'],
                               check=True, timeout=LIMIT_S)
        with open(self.path('/etc/apt/apt.conf.d/99test'), 'w') as file:
            file.write(SETTINGS)
        render_samples(self.path('/srv/samples'))
        self.make_repository()

    def make_repository(self):
        folder = self.path('/srv/packages')
        os.makedirs(folder)
        for path in packages.find(self.built).values():
            shutil.copy(path, folder)
            packages.make_newer(path, folder)
        os.makedirs(self.home, mode=0o700)
        environment = dict(os.environ, GNUPGHOME=self.home)
        user = 'test@gst-anpr.example'
        try:
            subprocess.run(['gpg', '--batch', '--quiet', '--passphrase', '',
                            '--quick-generate-key', user, 'ed25519', 'sign'],
                           check=True, env=environment, timeout=LIMIT_S,
                           stderr=subprocess.DEVNULL)
            subprocess.run([os.path.join(TOP, 'packaging/repository'), folder,
                            user], check=True, env=environment, timeout=LIMIT_S)
        finally:
            subprocess.run(['gpgconf', '--kill', 'all'], env=environment,
                           timeout=LIMIT_S)
        shutil.copy(folder + '/signing-key.asc',
                    self.path('/etc/apt/keyrings/gst-anpr.asc'))
        with open(self.path('/etc/apt/sources.list.d/gst-anpr.list'), 'w') as file:
            file.write('deb [signed-by=/etc/apt/keyrings/gst-anpr.asc]'
                       ' file:/srv/packages ./\n')

    def fetch(self):
        """With the network of this machine, which it does not have afterwards."""
        for name in ('resolv.conf', 'hosts'):
            if os.path.exists('/etc/' + name):
                target = self.path('/etc/' + name)
                if os.path.lexists(target):
                    os.remove(target)
                shutil.copy('/etc/' + name, target)
        for command in (['update'], ['install', '-y', '--download-only',
                                     *self.older, *BESIDE]):
            self.finish(['chroot', self.root, 'apt-get', *command])

    # --- running it

    def boot(self):
        self.process = subprocess.Popen(
            ['systemd-nspawn', '--quiet', '--directory', self.root,
             '--register=no', '--keep-unit', '--private-network', '--boot',
             # keys are on locked pages, as on a machine of iron
             '--capability=CAP_IPC_LOCK',
             '--machine=anpr-test-%d' % os.getpid(), '--console=pipe'],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.wait_for(self.find_leader, 'the machine does not boot')
        self.wait_for(lambda: self.run('systemctl', 'is-system-running',
                                       check=False).strip()
                      in ('running', 'degraded'), 'it does not come up')

    def find_leader(self):
        if self.process.poll() is not None:
            raise RuntimeError('systemd-nspawn ended, see console.log')
        path = '/proc/%d/task/%d/children' % ((self.process.pid,) * 2)
        with open(path) as file:
            children = file.read().split()
        self.leader = children[0] if children else None
        return self.leader

    @staticmethod
    def finish(command, check=True):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              errors='replace', timeout=LIMIT_S,
                              env={'PATH': '/usr/sbin:/usr/bin:/sbin:/bin',
                                   'DEBIAN_FRONTEND': 'noninteractive',
                                   'HOME': '/root', 'LC_ALL': 'C.UTF-8'})
        if check and done.returncode != 0:
            raise AssertionError('%s: exit status %d\n%s' % (
                ' '.join(command), done.returncode, done.stdout[-3000:]))
        return done.stdout

    def run(self, *command, check=True):
        """Runs it in there as root; what it printed."""
        return self.finish(['nsenter', '--target', self.leader, '--mount',
                            '--uts', '--ipc', '--net', '--pid', '--',
                            *command], check)

    def wait_for(self, happened, otherwise):
        until = time.monotonic() + WAIT_S
        while not happened():
            if time.monotonic() > until:
                raise AssertionError(otherwise)
            time.sleep(0.2)

    def exists(self, path):
        return self.run('find', path, '-maxdepth', '0', check=False).strip() == path

    def has(self, program):
        return self.run('sh', '-c', 'command -v ' + program, check=False) != ''

    def field(self, package, name):
        return self.run('dpkg-query', '-W', '-f', '${%s}' % name, package)

    def active(self, unit):
        return self.run('systemctl', 'is-active', unit, check=False).strip()

    def property(self, unit, name):
        return self.run('systemctl', 'show', '--value', '--property', name,
                        unit).strip()
