# SPDX-License-Identifier: LGPL-2.1-or-later
"""Chromium, driven by its DevTools protocol over a pipe: no driver, no socket.

A Browser owns one process and its profile; a Page is one tab with a cookie jar of its
own. What the page does wrong (exceptions, console errors, refused by its policy,
requests to another host) collects in `faults`; what it loads, with its size, in `loads`.
Everything waits at most LIMIT_S.
"""
import base64
import fcntl
import json
import os
import shutil
import signal
import subprocess
import threading
import time

LIMIT_S = 30
OPTIONS = ('--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic',
           '--no-first-run', '--disable-dev-shm-usage',
           '--disable-background-networking', '--disable-component-update',
           '--disable-sync', '--hide-scrollbars', '--force-color-profile=srgb',
           '--disable-features=Translate,AcceptCHFrame', '--lang=en-GB',
           '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
           '--remote-debugging-pipe')
KEYS = {'Enter': ('Enter', 13, '\r'), 'Tab': ('Tab', 9, ''), ' ': ('Space', 32, ' '),
        'Delete': ('Delete', 46, ''), 'ArrowRight': ('ArrowRight', 39, ''),
        'ArrowDown': ('ArrowDown', 40, ''), 'Escape': ('Escape', 27, '')}


def find():
    return shutil.which('chromium')


class Browser:
    def __init__(self, folder):
        to_read, self.to = os.pipe()
        self.source, to_write = os.pipe()

        # High numbers first, so that neither takes the other's place.
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (to_read, to_write)]

        def place():
            for fd, number in zip(high, (3, 4)):
                os.dup2(fd, number)

        self.process = subprocess.Popen(
            [find(), *OPTIONS, '--user-data-dir=' + os.path.join(folder, 'profile'), 'about:blank'],
            pass_fds=(3, 4), preexec_fn=place, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        for fd in (to_read, to_write, *high):
            os.close(fd)
        self.numbers = 0
        self.answers = {}
        self.pages = {}
        self.changed = threading.Condition()
        self.gone = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        rest = b''
        while True:
            try:
                data = os.read(self.source, 1 << 20)
            except OSError:
                data = b''
            if not data:
                break
            *messages, rest = (rest + data).split(b'\0')
            for message in messages:
                self._take(json.loads(message))
        with self.changed:
            self.gone = True
            self.changed.notify_all()

    def _take(self, message):
        with self.changed:
            if 'id' in message:
                self.answers[message['id']] = message
            elif message.get('sessionId') in self.pages:
                self.pages[message['sessionId']].take(message['method'], message['params'])
            self.changed.notify_all()

    def send(self, method, session=None, **parameters):
        with self.changed:
            self.numbers += 1
            number = self.numbers
        message = {'id': number, 'method': method, 'params': parameters}
        if session:
            message['sessionId'] = session
        os.write(self.to, json.dumps(message).encode() + b'\0')
        with self.changed:
            if not self.changed.wait_for(lambda: number in self.answers or self.gone, LIMIT_S):
                raise TimeoutError(method)
            answer = self.answers.pop(number, {'error': {'message': 'the browser is gone'}})
        if 'error' in answer:
            raise RuntimeError('%s: %s' % (method, answer['error']['message']))
        return answer['result']

    def open(self, **size):
        context = self.send('Target.createBrowserContext')['browserContextId']
        target = self.send('Target.createTarget', url='about:blank',
                           browserContextId=context)['targetId']
        session = self.send('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        page = Page(self, session, target)
        self.pages[session] = page
        for domain in ('Page', 'Runtime', 'Network', 'Log'):
            page.send(domain + '.enable')
        page.size(**size)
        return page

    def close(self):
        try:
            self.send('Browser.close')
            self.process.wait(5)
        except (OSError, RuntimeError, TimeoutError, subprocess.TimeoutExpired):
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.to)
        os.close(self.source)


class Page:
    def __init__(self, browser, session, target):
        self.browser = browser
        self.session = session
        self.target = target
        self.faults = []
        self.urls = []
        self.loads = []
        self.requests = {}

    def take(self, method, values):
        if method == 'Runtime.exceptionThrown':
            details = values['exceptionDetails']
            self.faults.append(details.get('exception', {}).get('description', details['text']))
        elif method == 'Runtime.consoleAPICalled' and values['type'] == 'error':
            self.faults.append(' '.join(str(a.get('value', a.get('description'))) for a in values['args']))
        elif method == 'Log.entryAdded' and values['entry']['level'] == 'error':
            self.faults.append('%s %s' % (values['entry']['text'], values['entry'].get('url', '')))
        elif method == 'Network.requestWillBeSent':
            self.urls.append(values['request']['url'])
            self.requests[values['requestId']] = values['request']['url']
        elif method == 'Network.loadingFinished':
            self.loads.append((self.requests.pop(values['requestId'], ''), values['encodedDataLength']))

    def send(self, method, **parameters):
        return self.browser.send(method, self.session, **parameters)

    def size(self, width=1440, height=900, phone=False):
        self.send('Emulation.setDeviceMetricsOverride', width=width, height=height,
                  deviceScaleFactor=1, mobile=phone)
        self.send('Emulation.setTouchEmulationEnabled', enabled=phone)

    def scheme(self, name):
        self.send('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': name}, {'name': 'prefers-reduced-motion', 'value': 'reduce'}])

    def go(self, url):
        self.send('Page.navigate', url=url)

    def run(self, expression):
        answer = self.send('Runtime.evaluate', expression=expression, awaitPromise=True, returnByValue=True)
        if 'exceptionDetails' in answer:
            raise RuntimeError(answer['exceptionDetails'].get('exception', {}).get('description', expression))
        return answer['result'].get('value')

    def wait(self, expression, limit=LIMIT_S):
        """Waits until an expression of JavaScript is true; gives its value."""
        end = time.monotonic() + limit
        while True:
            try:
                value = self.run(expression)
            except RuntimeError:
                value = None
            if value:
                return value
            if time.monotonic() > end:
                raise TimeoutError('never true: %s\n%s\n%s' % (
                    expression, self.faults[-5:], self.run('document.body.innerText')[-1500:]))
            time.sleep(0.05)

    def place(self, selector):
        """The middle of what a selector finds, scrolled into view."""
        self.wait('!!document.querySelector(%s)' % json.dumps(selector))
        return self.run('''(() => { const e = document.querySelector(%s);
            e.scrollIntoView({ block: 'center', behavior: 'instant' });
            const b = e.getBoundingClientRect();
            return [b.x + b.width / 2, b.y + b.height / 2, b.x, b.y, b.width, b.height]; })()''' % json.dumps(selector))

    def mouse(self, kind, x, y, **more):
        self.send('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left', clickCount=1, **more)

    def click_at(self, x, y):
        self.mouse('mousePressed', x, y, buttons=1)
        self.mouse('mouseReleased', x, y)

    def click(self, selector):
        self.click_at(*self.place(selector)[:2])

    def drag(self, start, end):
        self.mouse('mousePressed', *start, buttons=1)
        for part in (0.3, 0.7, 1):
            self.mouse('mouseMoved', *(a + (b - a) * part for a, b in zip(start, end)), buttons=1)
        self.mouse('mouseReleased', *end)

    def touch(self, x, y):
        self.send('Input.dispatchTouchEvent', type='touchStart', touchPoints=[{'x': x, 'y': y}])
        self.send('Input.dispatchTouchEvent', type='touchEnd', touchPoints=[])

    def press(self, key, shift=False):
        code, number, text = KEYS[key]
        common = {'key': key, 'code': code, 'windowsVirtualKeyCode': number, 'modifiers': 8 if shift else 0}
        self.send('Input.dispatchKeyEvent', type='keyDown', **common, **({'text': text} if text else {}))
        self.send('Input.dispatchKeyEvent', type='keyUp', **common)

    def fill(self, selector, text):
        self.wait('!!document.querySelector(%s)' % json.dumps(selector))
        self.run('(() => { const e = document.querySelector(%s); e.focus(); if (e.select) e.select(); })()'
                 % json.dumps(selector))
        self.send('Input.insertText', text=text) if text else self.press('Delete')

    def choose(self, selector, value):
        """Chooses an option of a select, with the events a person causes."""
        self.wait('!!document.querySelector(%s)' % json.dumps(selector))
        self.run('''(() => { const e = document.querySelector(%s); e.value = %s;
            e.dispatchEvent(new Event('input', { bubbles: true }));
            e.dispatchEvent(new Event('change', { bubbles: true })); })()'''
                 % (json.dumps(selector), json.dumps(value)))

    def text(self, selector='body'):
        return self.run('(document.querySelector(%s) || {}).innerText || ""' % json.dumps(selector))

    def picture(self, path, **more):
        kind = {'.png': 'png', '.jpg': 'jpeg', '.webp': 'webp'}[os.path.splitext(path)[1]]
        answer = self.send('Page.captureScreenshot', format=kind, **({} if kind == 'png' else {'quality': 72}), **more)
        with open(path, 'wb') as file:
            file.write(base64.b64decode(answer['data']))

    def close(self):
        self.browser.send('Target.closeTarget', targetId=self.target)
