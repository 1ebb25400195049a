import subprocess,time,os,urllib.request
def expected(f): return '401' in f or '403' in f or '412' in f or '404' in f or '422' in f or 'ERR_EMPTY' in f or 'ERR_CONNECTION' in f or 'ERR_INCOMPLETE' in f or 'ERR_SOCKET' in f
class Appliance:
    token='TOKEN'; gate='kennedy-north'; hostile='r4-east-1'; hostile_title='R4 east, exit 4 <b class=hostile>Moervaart</b><img src=x onerror=window.hacked=1>'
    def __init__(self,folder): import line; self.line=line.Line(8902); self.url='http://127.0.0.1:%d/'%self.line.port
    def __enter__(self):
        self.p=subprocess.Popen(['/usr/bin/python3','/tmp/ui/standin.py','8902'],env=dict(os.environ,FIRST='1',PACE='1.5'))
        for i in range(50):
            try: urllib.request.urlopen(self.url); break
            except OSError: time.sleep(.1)
        return self
    def __exit__(self,*a): self.line.close(); self.p.kill(); self.p.wait()
