#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Scripts in Python that go astray: each is named in the log once, harms nobody else, comes back where
# it can, and leaves nothing behind.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

-e "$BUILD/plugins/python.so" or die "missing: the plugin python is not built\n";

# What all scripts begin with: astray("read") is true once when the test wants it, or always.
my $PRELUDE = <<'END';
import collectd, os, sys, threading, time
def astray(where):
    if os.path.exists('always'):
        return True
    try:
        os.unlink('astray-' + where)
        return True
    except FileNotFoundError:
        return False
def value(name, number=1):
    collectd.Values(plugin=name, type='gauge', values=[number]).dispatch()
END

# A daemon with that script, one that works, and a reader that shall not notice.
sub daemon_with {
  my ($script, $load, $files) = @_;
  my $dir = workdir();
  my $module = $script =~ /register_config/ ? "  <Module strayer>\n    Option 1\n  </Module>\n" : '';
  spit("$dir/modules/strayer.py", $PRELUDE . $script);
  spit("$dir/modules/good.py", "import collectd\ndef read():\n    collectd.Values(plugin='good', type='gauge', values=[1]).dispatch()\n"
    . "collectd.register_read(read)\n");
  spit("$dir/$_", '') for @{$files // []};
  return start_vitald("LoadPlugin uptime\nLoadPlugin logfile\n<Plugin logfile>\n  LogLevel info\n  File stderr\n</Plugin>\n"
    . "<LoadPlugin python>\n" . ($load // '') . "</LoadPlugin>\n<Plugin python>\n  ModulePath \"$dir/modules\"\n"
    . "  Import \"strayer\"\n  Import \"good\"\n$module</Plugin>\n", dir => $dir);
}

sub process_of { return $_[0]->status_of('process', 'python') // {state => 'none', faults => 0, pid => 0} }
sub reads_of { return ($_[0]->status_of('reader', $_[1]) // {reads => 0})->{reads} }
sub values_of { return ($_[0]->status_of('reader', $_[1]) // {values => 0})->{values} }
sub said { my ($daemon, $what) = @_; return scalar(() = $daemon->log =~ /$what/g) }
sub gone { my ($pid) = @_; return !-e "/proc/$pid" || (slurp("/proc/$pid/stat") // ') Z ') =~ /\) Z / }

# All processes of these groups.
sub in_groups {
  my (@groups) = @_;
  my %wanted = map { $_ => 1 } @groups;
  return grep { (slurp("/proc/$_/stat") // '') =~ /\) (\S) \d+ (\d+) / && $1 ne 'Z' && $wanted{$2} } map { m{(\d+)$} } glob('/proc/[0-9]*');
}

# What must be true whatever the script did.
sub ends_well {
  my ($daemon, @groups) = @_;
  is($daemon->status_of('reader', 'uptime')->{missed}, 0, 'uptime missed no tick');
  my $files = () = glob('/proc/' . $daemon->pid . '/fd/*');
  cmp_ok($files, '<', 40, 'no descriptor is left behind');
  push @groups, process_of($daemon)->{pid} || ();
  my $begin = time;
  is($daemon->stop, 0, 'the daemon stops');
  cmp_ok(time - $begin, '<', 6, 'in time');
  ok(eventually(sub { !in_groups(@groups) }), 'no process is left') or diag(join(' ', in_groups(@groups)));
}

my $RAISING = <<'END';
def fails(where):
    def callback(*arguments):
        raise ValueError('nothing goes in ' + where)
    return callback
def expected():
    raise collectd.CollectdError('as planned')
def leaves():
    sys.exit(3)
def last(*arguments):
    collectd.info('the last callback was called')
collectd.register_config(fails('config'))
collectd.register_init(fails('init'))
collectd.register_read(fails('read'), name='fails')
collectd.register_read(expected, name='expected')
collectd.register_read(leaves, name='leaves')
collectd.register_write(fails('write'), name='writer')
collectd.register_flush(fails('flush'), name='writer')
collectd.register_notification(fails('notification'))
collectd.register_log(fails('log'))
collectd.register_shutdown(fails('shutdown'), name='first')
collectd.register_shutdown(last, name='second')
END

subtest 'callbacks that raise' => sub {
  my $daemon = daemon_with($RAISING);
  ok(eventually(sub { reads_of($daemon, 'python/good') >= 2 }), 'what works goes on');
  for my $round (1 .. 3) {
    $daemon->ask_it("PUTNOTIF severity=warning time=170000000$round message=x", 'FLUSH');
    my $reads = reads_of($daemon, 'uptime');
    ok(eventually(sub { reads_of($daemon, 'uptime') > $reads }), 'a tick goes by');
  }
  is($daemon->status_of('reader', 'python/good')->{missed}, 0, 'the other script missed no tick');
  cmp_ok($daemon->status_of('writer', 'python.writer')->{dropped_failed}, '>', 0, 'values that a callback failed for are counted');
  is(process_of($daemon)->{faults}, 0, 'and nothing was started anew');
  ends_well($daemon);
  # A notification that is lost for it is said as well.
  cmp_ok(said($daemon, qr/ValueError: nothing goes in notification/), '<=', 2, 'the notification callback is named once');
  for my $where (qw(config init read write flush log shutdown)) {
    is(said($daemon, "ValueError: nothing goes in $where \\(strayer\\.py:\\d+, in callback\\)"), 1, "the $where callback is named once");
  }
  is(said($daemon, "python/$_: reading fails"), 1, "and so is the read callback $_") for qw(expected leaves);
  like($daemon->log, qr/the last callback was called/, 'what comes after one that raises is called');
  diag($daemon->log) if !Test::More->builder->is_passing;
};

subtest 'scripts that cannot be imported' => sub {
  my $dir = workdir();
  spit("$dir/modules/broken.py", "def broken(:\n");
  spit("$dir/modules/leaves.py", "import sys\nsys.exit(1)\n");
  spit("$dir/modules/raises.py", "import collectd\ndef read(): pass\ncollectd.register_read(read)\nraise KeyError('half way')\n");
  spit("$dir/modules/good.py", "import collectd\ncollectd.register_read(lambda: collectd.Values(plugin='good', type='gauge', values=[1]).dispatch(), name='good')\n");
  my $daemon = start_vitald("LoadPlugin uptime\nLoadPlugin python\n<Plugin python>\n  ModulePath \"$dir/modules\"\n"
    . join('', map { "  Import \"$_\"\n" } qw(broken missing leaves raises good)) . "</Plugin>\n", dir => $dir);
  ok(eventually(sub { reads_of($daemon, 'python/good') >= 3 }), 'the others run');
  ends_well($daemon);
  is(said($daemon, qr/vitald\.conf:\d+:3: Import "$_" failed: /), 1, "$_ is named once, with its line") for qw(broken missing leaves raises);
  like($daemon->log, qr/Import "broken" failed: SyntaxError: .*\(broken\.py, line 1\)/, 'a syntax error with its file and line');
};

my %fault = (
  'os._exit' => ['os._exit(3)', qr/its process ended with status 3/],
  'a crash' => ['import ctypes; ctypes.string_at(0)', qr/its process was ended by signal 11/],
  'sleeping for ever' => ['time.sleep(1e9)', qr/a read of python.strayer did not come back in time/],
  'an endless loop' => ["exec('while True: pass')", qr/a read of python.strayer did not come back in time/],
  'very much memory' => ["kept = []\n        while True: kept.append(b'x' * (1 << 20))", qr/more than MemoryLimit allows|ended by signal|MemoryError/],
);
my $READ = "def read():\n    if astray('read'):\n        %s\n    value('strayer')\ncollectd.register_read(read, name='strayer')\n";

my (%once, %always);
$always{$_} = daemon_with(sprintf($READ, $fault{$_}[0]), "  ReadTimeout 1\n", ['always']) for 'os._exit', 'sleeping for ever', 'an endless loop';
for my $how (sort keys %fault) {
  my $script = sprintf($READ, $fault{$how}[0]);
  my $load = "  ReadTimeout 1\n" . ($how =~ /memory/ ? "  MemoryLimit \"96M\"\n" : '');
  $once{$how} = daemon_with($script, $load);
}
for my $how (sort keys %fault) {
  subtest "$how, once" => sub {
    my $daemon = $once{$how};
    ok(eventually(sub { values_of($daemon, 'python/strayer') > 0 }), 'it works at first');
    my $before = process_of($daemon);
    spit($daemon->dir . '/astray-read', '');
    ok(eventually(sub { !-e $daemon->dir . '/astray-read' }), 'it goes astray');
    ok(eventually(sub { said($daemon, $fault{$how}[1]) }, 20), 'which is said');
    my $ticks = reads_of($daemon, 'uptime');
    my $values = values_of($daemon, 'python/strayer');
    ok(eventually(sub { values_of($daemon, 'python/strayer') > $values }, 20), 'it works again');
    cmp_ok(reads_of($daemon, 'uptime') - $ticks, '<=', 2, 'within two ticks');
    is(said($daemon, $fault{$how}[1]), 1, 'it was named once') or diag($daemon->log);
    ok(eventually(sub { reads_of($daemon, 'python/good') > 1 }), 'the other script goes on');
    ends_well($daemon, $before->{pid});
  };
}

subtest 'a read that is slower than its interval' => sub {
  my $daemon = daemon_with("import time\ndef read():\n    if astray('read'):\n        time.sleep(1e9)\n    time.sleep(1.5)\n    value('strayer')\n"
    . "collectd.register_read(read, name='strayer')\n");
  ok(eventually(sub { values_of($daemon, 'python/strayer') >= 3 }, 20), 'its values arrive');
  is(process_of($daemon)->{faults}, 0, 'nobody ends it');
  is(said($daemon, qr/the read has not come back after/), 1, 'it is said once') or diag($daemon->log);
  ok(eventually(sub { $daemon->status_of('reader', 'python/strayer')->{missed} >= 2 }), 'the ticks that it misses are counted') or diag(join(' ', grep { /strayer/ } $daemon->ask_it('STATUS')));
  spit($daemon->dir . '/astray-read', '');
  ok(eventually(sub { !-e $daemon->dir . '/astray-read' }), 'it hangs');
  my $begin = time;
  ok(eventually(sub { process_of($daemon)->{faults} == 1 }, 20), 'then it is ended');
  cmp_ok(time - $begin, '>', 3.5, 'not before five intervals have gone by');
  my $values = values_of($daemon, 'python/strayer');
  ok(eventually(sub { values_of($daemon, 'python/strayer') > $values }, 20), 'and works again');
  ends_well($daemon);
};

for my $how (sort keys %always) {
  subtest "$how, always" => sub {
    my $daemon = $always{$how};
    my %groups;
    ok(eventually(sub { my $process = process_of($daemon); $groups{$process->{pid}} = 1 if $process->{pid}; $process->{state} eq 'parked' }, 40),
      'it is parked') or diag($daemon->log);
    is(said($daemon, $fault{$how}[1]), 5, 'after five faults');
    like($daemon->log, qr/"vitalctl restart python" starts it again/, 'and the log says how to bring it back');
    my $lines = split(/\n/, $daemon->log);
    my $ticks = reads_of($daemon, 'uptime');
    ok(eventually(sub { reads_of($daemon, 'uptime') >= $ticks + 3 }), 'ticks go by');
    cmp_ok(split(/\n/, $daemon->log) - $lines, '<=', 2, 'which add no line for each');
    my (undef, $table) = run($VITALCTL, '-s', $daemon->socket, 'status');
    like($table, qr/^python +parked/m, 'vitalctl status shows it');
    ends_well($daemon, keys %groups);
  };
}

subtest 'a fork that lives on' => sub {
  my $daemon = daemon_with("def read():\n    if astray('read'):\n        if os.fork() == 0:\n            time.sleep(1e9)\n    value('strayer')\ncollectd.register_read(read, name='strayer')\n");
  spit($daemon->dir . '/astray-read', '');
  my $group = process_of($daemon)->{pid};
  ok(eventually(sub { in_groups($group) == 2 }), 'it lives beside its parent');
  my $values = values_of($daemon, 'python/strayer');
  ok(eventually(sub { values_of($daemon, 'python/strayer') >= $values + 2 }), 'which goes on');
  is(process_of($daemon)->{faults}, 0, 'undisturbed');
  ends_well($daemon);
};

subtest 'forks that come back from the callback' => sub {
  my $daemon = daemon_with("def read():\n    os.fork()\n    value('strayer')\ncollectd.register_read(read, name='strayer')\n"
    . "def tells():\n    if os.fork() == 0:\n        collectd.warning('a word from a fork')\n        try:\n            value('fork')\n"
    . "        except RuntimeError as error:\n            collectd.warning(str(error))\n        os._exit(0)\n    os.wait()\n"
    . "collectd.register_init(tells)\n");
  my $group = process_of($daemon)->{pid};
  ok(eventually(sub { values_of($daemon, 'python/strayer') >= 4 }), 'values come');
  is($daemon->status_of('reader', 'python/strayer')->{values}, reads_of($daemon, 'python/strayer'), 'each once');
  is(process_of($daemon)->{faults}, 0, 'nothing is started anew');
  is(process_of($daemon)->{pid}, $group, 'its process is the first');
  ok(eventually(sub { in_groups($group) == 1 }), 'none of the forks is left');
  my @zombies = grep { (slurp("/proc/$_/stat") // '') =~ /\) Z $group / } map { m{(\d+)$} } glob('/proc/[0-9]*');
  cmp_ok(scalar(@zombies), '<=', 1, 'nor its zombie');
  is(said($daemon, qr/a process that a script forked came back/), 1, 'that is said once') or diag($daemon->log);
  like($daemon->log, qr/a word from a fork/, 'what a fork says is in the log');
  like($daemon->log, qr/a forked process cannot/, 'and it cannot dispatch');
  ends_well($daemon);
};

subtest 'programs that a script starts' => sub {
  my $daemon = daemon_with("import subprocess\ndef read():\n    if astray('read'):\n        subprocess.Popen(['sleep', '1000'])\n"
    . "    value('strayer')\ncollectd.register_read(read, name='strayer')\n");
  spit($daemon->dir . '/astray-read', '');
  my $group = process_of($daemon)->{pid};
  ok(eventually(sub { in_groups($group) == 2 }), 'run');
  ends_well($daemon);
};

done_testing;
