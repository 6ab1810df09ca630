#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Plugins in processes of their own: what they offer works as in the daemon, and what befalls them
# befalls nobody else.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

my $MODULES = "$BUILD/t/modules";
-e "$MODULES/faulty.so" or die "no $MODULES/faulty.so: build the tests (make -C t all-tests)\n";

# A daemon with the plugin that goes wrong when it is told to, and one that shall not notice.
sub daemon_with {
  my ($options, %load) = @_;
  my $dir = workdir();
  my $block = join('', map { "  $_ $load{$_}\n" } sort keys %load);
  return start_vitald("LoadPlugin uptime\nLoadPlugin csv\nPluginDir \"$MODULES\"\n"
    . "<LoadPlugin faulty>\n  Isolation \"process\"\n$block</LoadPlugin>\n"
    . "<Plugin faulty>\n  Trigger \"$dir/trigger\"\n$options</Plugin>\n", dir => $dir);
}

sub process_of { return $_[0]->status_of('process', 'faulty') // {state => 'none', faults => 0, pid => 0} }
sub reads_of { return ($_[0]->status_of('reader', $_[1] // 'faulty') // {reads => 0})->{reads} }

# Tells the plugin to go wrong; the file appears whole.
sub trigger {
  my ($daemon, $how) = @_;
  spit($daemon->dir . '/trigger.new', "$how\n");
  rename($daemon->dir . '/trigger.new', $daemon->dir . '/trigger') or die $!;
}

sub last_value {
  my ($daemon, $name) = @_;
  my (undef, $value) = $daemon->ask_it("GETVAL \"localhost/$name\"");
  return $value && $value =~ /=(\S+)/ ? $1 : undef;
}

sub gone { my ($pid) = @_; return !-e "/proc/$pid" || slurp("/proc/$pid/stat") =~ /\) Z / }

subtest 'everything that the daemon offers' => sub {
  my $daemon = daemon_with("  Service true\n  File \"out\"\n", MemoryLimit => '64M');
  my $out = $daemon->dir . '/out';
  ok(eventually(sub { (slurp($out) // '') =~ m{^localhost/uptime/uptime \d}m }), 'a writer gets the values of others');
  ok(eventually(sub { slurp($out) =~ m{^localhost/faulty/gauge-reads \d+ label=kept$}m }), 'with labels, also its own');
  ok(eventually(sub { grep { $_ eq 'localhost/faulty/counter-served' } $daemon->names }), 'a service submits');
  ok(eventually(sub { slurp($out) =~ /^notification served for the first time$/m }), 'notifications go there and back');
  like($daemon->log, qr/faulty: writes to out on localhost/, 'its log lines are in the log, and it knows the host');
  $daemon->ask_it('PUTVAL localhost/put/gauge-x interval=1 "meta:colour=\\"red\\"" N:42');
  ok(eventually(sub { slurp($out) =~ m{^localhost/put/gauge-x 42 colour=red$}m }), 'meta data arrive');
  $daemon->ask_it('FLUSH plugin=faulty identifier=localhost/put/gauge-x');
  ok(eventually(sub { slurp($out) =~ m{^flush localhost/put/gauge-x$}m }), 'it is flushed');
  my @poisoned = map { "PUTVAL localhost/put" . ($_ == 2 ? '-poison' : '') . "/gauge-p$_ interval=1 N:$_" } 1 .. 3;
  $daemon->ask_it(@poisoned);
  ok(eventually(sub { $daemon->status_of('writer', 'faulty')->{dropped_refused} }), 'what it refuses is counted');
  ok(eventually(sub { slurp($out) =~ m{gauge-p3 3} }), 'and the rest is written');
  my $process = process_of($daemon);
  is($process->{state}, 'running', 'the status shows its process');
  cmp_ok($process->{own}, '>', 0, 'with its memory');
  isnt($process->{pid}, $daemon->pid, 'which is another');
  my (undef, $table) = run($VITALCTL, '-s', $daemon->socket, 'status');
  like($table, qr/^process +state .*^faulty +running +\d+ +1 +0 .*64\.0 MiB/ms, 'vitalctl, too');
  is($daemon->status_of('reader', 'uptime')->{missed}, 0, 'uptime missed no tick');
  is($daemon->stop, 0, 'the daemon stops');
  ok(gone($process->{pid}), 'and the process with it');
  my ($written) = scalar(() = slurp($out) =~ /^localhost/mg);
  cmp_ok($written, '>', 5, 'what was submitted is written');
};

my @cases = (
  ['segfault', 'a crash', qr/was ended by signal 11 \(Segmentation fault\)/],
  ['abort', 'an abort', qr/was ended by signal 6 \(Aborted\)/],
  ['exit', 'an exit', qr/ended with status 3/],
  ['throw', 'an exception', qr/was ended by signal 6/],
  ['loop', 'an endless loop', qr/a read of faulty did not come back in time/],
  ['deaf', 'an endless loop that is deaf to SIGTERM', qr/a read of faulty did not come back in time/],
  ['stop', 'a stopped process', qr/a read of faulty did not come back in time/],
  ['eat', 'too much memory', qr/takes [\d.]+ MiB of memory, more than MemoryLimit allows/],
  ['devour', 'very much memory at once', qr/of memory, more than MemoryLimit allows|was ended by signal 6/],
  ['nonsense', 'nonsense on the pipe', qr/talks nonsense/],
);
my %daemon_of;
for my $case (@cases) {
  my $how = $case->[0];
  $daemon_of{$how} = daemon_with('', $how =~ /eat|devour/ ? (MemoryLimit => '32M', Interval => 10) : ());
}
for my $case (@cases) {
  my ($how, $name, $said) = @$case;
  subtest $name => sub {
    my $daemon = $daemon_of{$how};
    ok(eventually(sub { process_of($daemon)->{state} eq 'running' }), 'it runs');
    my $before = process_of($daemon)->{pid};
    trigger($daemon, "read $how");
    ok(eventually(sub { process_of($daemon)->{faults} == 1 }, 25), 'the fault is counted');
    my $ticks = reads_of($daemon, 'uptime');
    ok(eventually(sub { my $p = process_of($daemon); $p->{state} eq 'running' && $p->{pid} != $before }), 'the process is started anew');
    my $values = $daemon->status_of('reader', 'faulty')->{values};
    if ($how !~ /eat|devour/) {
      ok(eventually(sub { $daemon->status_of('reader', 'faulty')->{values} > $values }), 'and read again');
      cmp_ok(reads_of($daemon, 'uptime') - $ticks, '<=', 2, 'within two ticks');
    }
    like($daemon->log, $said, 'the log says why');
    is(scalar(() = $daemon->log =~ /it is started anew in/g), 1, 'once');
    is($daemon->status_of('reader', 'uptime')->{missed}, 0, 'uptime missed no tick');
    ok(gone($before), 'nothing is left of the old process');
    is($daemon->stop, 0, 'the daemon stops');
  };
}

subtest 'a writer that crashes loses nothing' => sub {
  my $daemon = daemon_with("  File \"out\"\n");
  my $out = $daemon->dir . '/out';
  ok(eventually(sub { -s $out }), 'it writes');
  trigger($daemon, 'write segfault');
  ok(eventually(sub { process_of($daemon)->{faults} == 1 }), 'it crashes');
  $daemon->ask_it(map { "PUTVAL localhost/put/gauge-x interval=1 $_:$_" } 1 .. 100);
  ok(eventually(sub { slurp($out) =~ m{gauge-x 100$}m }), 'and what came meanwhile is written later');
  my @values = slurp($out) =~ m{gauge-x (\d+)$}mg;
  is_deeply(\@values, [1 .. 100], 'each once, in order');
  my $writer = $daemon->status_of('writer', 'faulty');
  ok(eventually(sub { $daemon->status_of('writer', 'faulty')->{queued} == 0 }), 'nothing waits');
  is($daemon->status_of('writer', 'faulty')->{dropped}, 0, 'nothing was dropped');
  is($daemon->stop, 0, 'the daemon stops');
};

subtest 'a service that crashes is started again' => sub {
  my $daemon = daemon_with("  Service true\n");
  ok(eventually(sub { (last_value($daemon, 'faulty/counter-served') // 'nan') ne 'nan' }), 'it serves');
  kill('KILL', process_of($daemon)->{pid});
  ok(eventually(sub { process_of($daemon)->{faults} == 1 && process_of($daemon)->{state} eq 'running' }), 'it was killed, and runs again');
  my $passed = $daemon->status_of('pipeline', 'values')->{passed};
  ok(eventually(sub { $daemon->status_of('pipeline', 'values')->{passed} > $passed + 8 }), 'and serves');
  is($daemon->stop, 0, 'the daemon stops');
};

subtest 'a service that is stopped is noticed' => sub {
  my $daemon = daemon_with("  Service true\n", Interval => 1);
  ok(eventually(sub { process_of($daemon)->{state} eq 'running' }), 'it runs');
  kill('STOP', process_of($daemon)->{pid});
  ok(eventually(sub { process_of($daemon)->{faults} == 1 && process_of($daemon)->{state} eq 'running' }), 'it is replaced');
  is($daemon->stop, 0, 'the daemon stops');
};

subtest 'five faults within a minute' => sub {
  my $daemon = daemon_with('');
  trigger($daemon, 'always abort');
  ok(eventually(sub { process_of($daemon)->{state} eq 'parked' }, 40), 'it is parked');
  is(process_of($daemon)->{faults}, 5, 'after five');
  like($daemon->log, qr/fifth fault within a minute, so it is parked\. "vitalctl restart faulty" starts it again/, 'the log says how to bring it back');
  is($daemon->status_of('reader', 'uptime')->{missed}, 0, 'uptime missed no tick');
  unlink($daemon->dir . '/trigger');
  my ($status, $said) = run($VITALCTL, '-s', $daemon->socket, 'restart', 'faulty');
  is($status, 0, 'vitalctl restart');
  ok(eventually(sub { process_of($daemon)->{state} eq 'running' && $daemon->status_of('reader', 'faulty')->{state} eq 'ok' }), 'it is back');
  ($status) = run($VITALCTL, '-s', $daemon->socket, 'restart', 'uptime');
  isnt($status, 0, 'a plugin that has no process is refused');
  is($daemon->stop, 0, 'the daemon stops');
};

subtest 'a plugin that cannot be made' => sub {
  my $daemon = daemon_with("  Refuse yes\n");
  like($daemon->log, qr/plugin faulty cannot run here: it was told to refuse; the plugin does not run/, 'says why');
  $daemon->stop;
  $daemon = daemon_with("  Refuse here\n");
  like($daemon->log, qr/vitald\.conf:\d+:\d+: error: it was told to refuse here; the plugin does not run/, 'and where');
  ok(eventually(sub { reads_of($daemon, 'uptime') > 1 }), 'the others run');
  $daemon->stop;
  my $dir = workdir();
  spit("$dir/trigger", "setup segfault\n");
  $daemon = start_vitald("PluginDir \"$MODULES\"\n<LoadPlugin faulty>\nIsolation process\n</LoadPlugin>\n<Plugin faulty>\n"
    . "Trigger \"$dir/trigger\"\nInSetup true\n</Plugin>\n", dir => $dir);
  like($daemon->log, qr/plugin faulty cannot run here: its process was ended by signal 11 .*; the plugin does not run/, 'a crash in its set-up as well');
  is($daemon->stop, 0, 'the daemon stops');
};

subtest 'a flood on standard error' => sub {
  my $daemon = daemon_with('');
  trigger($daemon, 'read babble');
  ok(eventually(sub { $daemon->log =~ /faulty: says: line 0 of many/ }), 'is in the log');
  my $reads = reads_of($daemon);
  ok(eventually(sub { reads_of($daemon) >= $reads + 2 }), 'harms nothing');
  cmp_ok(scalar(() = $daemon->log =~ /says: line/g), '<=', 50, 'and is bounded');
  is($daemon->stop, 0, 'the daemon stops');
};

subtest 'a daemon that is killed leaves no process behind' => sub {
  my $daemon = daemon_with('');
  ok(eventually(sub { process_of($daemon)->{state} eq 'running' }), 'it runs');
  my $pid = process_of($daemon)->{pid};
  trigger($daemon, 'read loop');
  ok(eventually(sub { !-e $daemon->dir . '/trigger' }), 'it loops');
  $daemon->stop('KILL');
  ok(eventually(sub { gone($pid) }), 'it is gone');
};

subtest 'plugins that cannot be isolated are refused when the configuration is checked' => sub {
  my $dir = workdir();
  spit("$dir/c", "PluginDir \"$BUILD/plugins\"\nTypesDB \"$SOURCE/etc/types.db\"\n<LoadPlugin logfile>\n  Isolation \"process\"\n</LoadPlugin>\n"
    . "<LoadPlugin load>\n  MemoryLimit \"64M\"\n</LoadPlugin>\n<LoadPlugin swap>\n  MemoryLimit \"much\"\n</LoadPlugin>\n");
  my ($status, undef, $said) = run($VITALD, '-t', '-C', "$dir/c");
  is($status, 1, 'with problems');
  like($said, qr/:4:\d+: error: plugin logfile cannot run in a process of its own: it takes the daemon's log messages/, 'named');
  like($said, qr/:7:\d+: warning: MemoryLimit has no effect without Isolation/, 'and what has no effect');
  like($said, qr/:10:\d+: error: .*wants a size such as 64M, not "much"/, 'and what is no size');
};

subtest 'all readers give the same isolated' => sub {
  my @plugins = qw(contextswitch cpu df disk entropy interface irq load memory processes swap uptime users vmem);
  my $plain = start_vitald(join('', map { "LoadPlugin $_\n" } @plugins));
  my $apart = start_vitald(join('', map { "<LoadPlugin $_>\n  Isolation \"process\"\n</LoadPlugin>\n" } @plugins, 'csv')
    . "<Plugin csv>\n  DataDir \"csv\"\n</Plugin>\n");
  ok(eventually(sub { $plain->status_of('pipeline', 'values')->{cached} > 50 }), 'values');
  ok(eventually(sub { join("\n", $plain->names) eq join("\n", $apart->names) }, 20), 'the same series')
    or diag(join("\n", grep { my $n = $_; !grep { $_ eq $n } $apart->names } $plain->names));
  ok(eventually(sub { grep { m{localhost/uptime/uptime-} } files_below($apart->dir . '/csv') }), 'csv writes them from its own process');
  is($apart->stop, 0, 'stops');
  $plain->stop;
};

done_testing;
