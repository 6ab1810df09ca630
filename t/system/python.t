#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Scripts in Python, the same to the real collectd and to vitald: what they dispatch, what they are
# told, and what happens when they fail.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('collectd');
-e "$BUILD/plugins/python.so" or die "missing: the plugin python is not built\n";

my $dir = workdir();

# Each script says what it saw on a line of its own; what was said is compared.
my %script = (
  everything => <<'END',
import collectd
said = set()
def say(what):
    if what not in said:
        said.add(what)
        collectd.info('SAID ' + what)
def config(node):
    say('config %s %r' % (node.key, node.values))
    def walk(node, depth):
        for child in node.children:
            say('%s%s %r %s' % ('.' * depth, child.key, child.values, child.parent is node))
            walk(child, depth + 1)
    walk(node, 1)
def init(data=None):
    say('init')
def attempt(what):
    try:
        what()
        say('no error')
    except Exception as error:
        say('%s: %s' % (type(error).__name__, error))
def read(data=None):
    v = collectd.Values(type='gauge', plugin='every')
    v.dispatch(values=[1.5], time=1700000000, interval=10)
    v.dispatch(values=['2.5'], type_instance='text', time=1700000000, interval=10)
    v.dispatch(values=[True], type_instance='flag', time=1700000000.25, interval=0.5)
    v.plugin_instance = b'bytes'
    v.dispatch(values=(7,), time=1700000000, interval=10)
    collectd.Values(plugin='every', type='if_octets', type_instance='eth0', values=[10, 2**64 - 1 if False else 20],
                    time=1700000000, interval=10, meta={'n': 1, 's': 'x', 'b': True, 'd': 1.5}).dispatch()
    collectd.Values(plugin='every', type='derive', values=[-2**63], time=1700000000, interval=10).dispatch()
    collectd.Values(plugin='every', type='counter', values=[2**64 - 1], time=1700000000, interval=10).dispatch()
    collectd.Values(plugin='every', type='absolute', values=[5], time=1700000000, interval=10).dispatch()
    collectd.Values(plugin='every', type='gauge', type_instance='nan', values=[float('nan')], time=1700000000, interval=10).dispatch()
    collectd.Values(host='else.where', plugin='every/one', type='gauge', type_instance='a/b', values=[1], time=1700000000, interval=10).dispatch()
    collectd.Values(type='gauge', type_instance='no plugin', values=[1], time=1700000000, interval=10).dispatch()
    attempt(lambda: collectd.Values(type='nosuch'))
    attempt(lambda: collectd.Values(type='gauge', values=[1, 2]).dispatch())
    attempt(lambda: collectd.Values(values=[1]).dispatch())
    attempt(lambda: collectd.Values(type='gauge', values='x').dispatch())
    attempt(lambda: collectd.Values(type='gauge', values=['x']).dispatch())
    attempt(lambda: collectd.register_read(5))
    attempt(lambda: collectd.unregister_read('nosuch'))
    attempt(lambda: collectd.unregister_read(5))
    n = collectd.Notification(plugin='every', type='gauge', message='hello', severity=collectd.NOTIF_WARNING, time=1700000000)
    if 'notified' not in said:
        said.add('notified')
        n.dispatch()
        n.dispatch(message='again', severity=collectd.NOTIF_OKAY, plugin_instance='pi', type_instance='ti', host='x')
def write(v, data=None):
    if v.plugin.startswith('every') or v.plugin == 'python':
        say('write %s/%s-%s/%s-%s %r %s %s %s %s' % (v.host, v.plugin, v.plugin_instance, v.type, v.type_instance, v.values,
            v.time, v.interval, sorted(v.meta.items()), data))
def notification(n):
    say('notification %s %s %s %s %s %s %s %s' % (n.severity, n.time, n.message, n.host, n.plugin, n.plugin_instance, n.type, n.type_instance))
def flush(timeout, identifier):
    say('flush %r %r' % (timeout, identifier))
def shutdown():
    say('shutdown')
for name in (collectd.register_config(config), collectd.register_init(init), collectd.register_read(read),
             collectd.register_write(write, data='DATA', name='mine'), collectd.register_notification(notification),
             collectd.register_flush(flush), collectd.register_shutdown(shutdown)):
    say('registered ' + name)
for name in ('load', 'if_octets', 'counter', 'absolute'):
    say(repr(collectd.get_dataset(name)))
say(repr(collectd.Values(type='gauge', values=[1], plugin='p', time=5, interval=10)))
say('%d %d %d' % (collectd.NOTIF_FAILURE, collectd.NOTIF_WARNING, collectd.NOTIF_OKAY))
say(' '.join(sorted(n for n in dir(collectd) if n.startswith(('register', 'unregister', 'DS_', 'NOTIF', 'LOG_')))))
END
  threads => <<'END',
import collectd, threading
def work():
    collectd.Values(plugin='thread', type='gauge', values=[3], time=1700000000, interval=10).dispatch()
def init():
    threading.Thread(target=work).start()
def later():
    collectd.Values(plugin='late', type='gauge', values=[4], time=1700000000, interval=10).dispatch()
def first():
    collectd.unregister_read(first)
    collectd.register_read(later, interval=1, name='later')
collectd.register_init(init)
collectd.register_read(first)
END
  direct => <<'END',
import collectd
said = set()
def say(what):
    if what not in said:
        said.add(what)
        collectd.info('SAID ' + what)
def attempt(name, what):
    try:
        say('%s gives %r' % (name, what()))
    except Exception as error:
        say('%s: %s' % (type(error).__name__, error))
def flush(timeout, identifier, data=None):
    say('direct flush %r %r %r' % (timeout, identifier, data))
def write(v, data=None):
    if v.plugin == 'direct':
        say('direct write %r %s %s %s %r %r %r' % (data, v.host, v.type, v.type_instance, v.values, v.time, v.interval))
reads = 0
def read():
    global reads
    reads += 1
    if reads == 2:
        attempt('flush', lambda: collectd.flush('python.one'))
        attempt('flush', lambda: collectd.flush(plugin='python.one', timeout=5, identifier='a/b/c'))
        attempt('flush', lambda: collectd.flush(b'python.three', 7, b'x/y/z'))
        attempt('flush', lambda: collectd.flush('nosuch'))
        attempt('flush', lambda: collectd.flush(5))
        attempt('flush', lambda: collectd.flush('python.one', 'x'))
        attempt('flush', lambda: collectd.flush('python.one', 2.5))
        v = collectd.Values(type='gauge', plugin='direct', values=[1.5], time=1700000000, interval=10)
        attempt('write', lambda: v.write('python.one'))
        attempt('write', lambda: v.write(destination='PYTHON.TWO', values=[2], type_instance='case', host='h'))
        attempt('write', lambda: v.write(b'python.two', values=[3], type_instance='bytes', time=1700000001))
        attempt('write', lambda: v.write('csv', type_instance='csv'))
        attempt('write', lambda: collectd.Values(type='derive', plugin='direct', values=[7], time=1700000000, interval=10).write('python.one'))
        attempt('write', lambda: v.write(5))
collectd.register_read(read, 1)
for name in ('one', 'two'):
    collectd.register_write(write, data=name, name=name)
for name in ('one', 'three'):
    collectd.register_flush(flush, data=name, name=name)
END
  parts => <<'END',
import collectd
def read(which):
    collectd.Values(plugin='parts', type='gauge', type_instance=which, values=[1], time=1700000000, interval=10).dispatch()
def config(node):
    for child in node.children:
        collectd.register_read(read, 1, child.values[0], 'parts.' + child.values[0])
collectd.register_config(config)
END
);
spit("$dir/modules/$_.py", $script{$_}) for keys %script;

sub config {
  my ($plugin) = @_;
  return "LoadPlugin logfile\n<Plugin logfile>\n  LogLevel info\n  File stderr\n</Plugin>\nLoadPlugin csv\n"
    . "<Plugin csv>\n  DataDir \"stdout\"\n</Plugin>\nLoadPlugin python\n<Plugin python>\n"
    . "  ModulePath \"$dir/modules\"\n$plugin</Plugin>\n";
}

sub start {
  my ($which, $plugin) = @_;
  my @through = (through => ['stdbuf', '-oL']);
  return $which eq 'collectd' ? start_collectd("WriteThreads 1\nTypesDB \"$SOURCE/etc/types.db\"\n" . config($plugin), @through) : start_vitald(config($plugin), @through);
}

sub said { return [sort map { /SAID (.*)/ ? $1 : () } split(/\n/, $_[0]->log)] }

sub printed {
  my ($daemon) = @_;
  my %lines = map { $_ => 1 } grep { /^PUTVAL / } split(/\n/, slurp($daemon->dir . '/out') // '');
  return [sort keys %lines];
}

subtest 'collectd and vitald give scripts the same' => sub {
  my $options = "  Import \"everything\"\n  Import \"threads\"\n  Import \"direct\"\n  Import \"parts\"\n"
    . "  <Module everything>\n    Text \"a\" \"b\"\n    Number 5 1.5\n    Flag true\n    <Block \"x\" 1>\n      Inner off\n"
    . "      <Deeper>\n        Last \"one\"\n      </Deeper>\n    </Block>\n  </Module>\n"
    . "  <Module parts>\n    Part \"one\"\n    Part \"two\"\n  </Module>\n";
  my (%said, %printed);
  for my $who (qw(collectd vitald)) {
    my $daemon = start($who, $options);
    ok(eventually(sub { grep { m{h?/late/gauge} } @{printed($daemon)} }), "$who: all callbacks ran");
    ok(eventually(sub { $daemon->log =~ /SAID direct write 'one' localhost derive/ && 1 == grep { m{/direct/gauge-csv} } @{printed($daemon)} }), "$who: writers were written to");
    sleep 1.5;
    $daemon->ask_it('FLUSH');
    is($daemon->stop, 0, "$who stops");
    ($said{$who}, $printed{$who}) = (said($daemon), printed($daemon));
  }
  # What collectd says in the words of its C compiler.
  for my $all (values %said) {
    s/^TypeError: (?:argument \d+ must be|a string was expected).*/TypeError/ for @$all;
    @$all = sort @$all;
  }
  is_deeply($printed{vitald}, $printed{collectd}, 'the same values are dispatched');
  is_deeply($said{vitald}, $said{collectd}, 'and the scripts saw the same');
  cmp_ok(scalar @{$said{vitald}}, '>', 30, 'which is a lot');
};

subtest 'mistakes of the configuration' => sub {
  my $file = spit("$dir/wrong.conf", "TypesDB \"$SOURCE/etc/types.db\"\nPluginDir \"$BUILD/plugins\"\nLoadPlugin python\n<Plugin python>\n"
    . "  Import\n</Plugin>\n");
  my ($status, undef, $err) = run($VITALD, '-t', '-C', $file);
  is($status, 2, 'an Import without a name');
  spit($file, "TypesDB \"$SOURCE/etc/types.db\"\nPluginDir \"$BUILD/plugins\"\nLoadPlugin python\n<Plugin python>\n"
    . "  Encoding \"latin1\"\n  Interactive true\n  Imports \"x\"\n</Plugin>\n");
  ($status, undef, $err) = run($VITALD, '-t', '-C', $file);
  is($status, 1, 'options that cannot be had');
  like($err, qr/:5:12: error: Encoding can only be utf-8/, 'Encoding');
  like($err, qr/:6:15: error: Interactive is not possible/, 'Interactive');
  like($err, qr/:7:3: warning: plugin python knows no option Imports; did you mean "Import"/, 'a typo');
};

done_testing;
