#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The daemon as its operators handle it: flags, exit codes, signals, the background, the service
# manager, names.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::UNIX;
use Socket;
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

my $load = "LoadPlugin load\nLoadPlugin csv\n";

subtest 'flags' => sub {
  my ($status, $out, $err) = run($VITALD, '-h');
  is($status, 0, '-h exits 0');
  like($out, qr/^Usage: vitald/, 'and prints the usage');
  ($status, $out, $err) = run($VITALD, '--version');
  like($out, qr/^vitald \d+\.\d+\.\d+$/, '--version');
  for my $arguments (['-x'], ['left-over'], ['--nothing'], ['-C']) {
    ($status, $out, $err) = run($VITALD, @$arguments);
    is($status, 1, "@$arguments exits 1");
    like($err, qr/Usage/, 'and prints the usage');
  }
};

subtest 'the configuration is checked' => sub {
  my $dir = workdir();
  my $base = "BaseDir \"$dir\"\nPluginDir \"$BUILD/plugins\"\nTypesDB \"$SOURCE/etc/types.db\"\n";
  my $check = sub { spit("$dir/c.conf", $base . $_[0]); run($VITALD, '-t', '-C', "$dir/c.conf", @_[1 .. $#_]) };
  my ($status, $out, $err) = $check->("LoadPlugin load\n");
  is($status, 0, 'nothing to say: 0');
  is($out . $err, '', 'and nothing is said');
  ($status, $out, $err) = $check->("LoadPlugin load\nIntervall 5\n");
  is($status, 1, 'problems: 1');
  like($err, qr/^\Q$dir\E\/c.conf:5:1: warning: unknown global option Intervall; did you mean "Interval"\?\n {4}Intervall 5\n {4}\^~+\n/,
    'each with its place, its line, and what was meant');
  ($status, $out, $err) = $check->("LoadPlugin load\nIntervall 5\n", '--strict');
  is($status, 2, '--strict makes every problem fatal');
  ($status, $out, $err) = $check->("LoadPlugin load\n<Plugin load>\nReportRelative true\n");
  is($status, 2, 'a syntax error: 2');
  like($err, qr/c.conf:5:1: fatal: block <Plugin> is never closed/, 'said with its place');
  ($status, $out, $err) = run($VITALD, '-t', '-C', "$dir/nowhere.conf");
  is($status, 2, 'a missing file: 2');
  like($err, qr/nowhere.conf: No such file or directory/, 'said by name');
  spit("$dir/c.conf", '');
  ($status, $out, $err) = run($VITALD, '-t', '-C', "$dir/c.conf");
  is($status, 2, 'an empty configuration: 2');
  ($status, $out, $err) = run($VITALD, '-f', '-C', "$dir/nowhere.conf");
  is($status, 1, 'a daemon without its configuration exits 1');
};

subtest 'ten mistakes are named in one run' => sub {
  my $dir = workdir();
  spit("$dir/c.conf", <<"END");
PluginDir "$BUILD/plugins"
TypesDB "$SOURCE/etc/types.db"
Intervall 5
Timeout 1
LoadPlugin cpuu
LoadPlugin csv
LoadPlugin load
<Plugin csv>
  StoreRate true
  StoreRates maybe
  DataDir a b
</Plugin>
<Plugin loda>
  ReportRelative true
</Plugin>
<Plugin load>
  ReportRelative 5
</Plugin>
Hostname
PIDFile /run/x.pid
END
  my ($status, $out, $err) = run($VITALD, '-t', '-C', "$dir/c.conf");
  is($status, 2, 'it would not start');
  my %lines = map { $_ => 1 } $err =~ /c\.conf:(\d+):\d+: /g;
  is_deeply([sort { $a <=> $b } keys %lines], [3, 4, 5, 9, 10, 11, 13, 17, 19, 20], 'all ten lines');
};

subtest 'what plugins say of themselves' => sub {
  my $dir = workdir();
  my ($status, $out) = run($VITALD, '--describe', 'global');
  is($status, 0, '--describe global');
  like($out, qr/^  Interval SECONDS$/m, 'has the global options');
  ($status, $out, my $err) = run($VITALD, '--describe', 'nothing');
  is($status, 1, 'an unknown plugin exits 1');
  like($err, qr/there is no plugin "nothing"/, 'and is named');
  ($status, $out) = run($VITALD, '--describe', 'vitald');
  like($out, qr/vitald-cache\/cache_size/, "the daemon's own plugin");
};

subtest 'everything once' => sub {
  my $dir = workdir();
  my $daemon = start_vitald($load, args => ['-T'], wait => 0);
  is($daemon->wait_for_end, 0, '-T exits 0 when all reads worked');
  my ($file) = grep { m{localhost/load/load-} } files_below($daemon->dir);
  ok($file, 'and the values were written');
  my $broken = start_vitald("RootPath \"$dir\"\n$load", args => ['-T'], wait => 0);
  is($broken->wait_for_end, 1, '-T exits 1 when one failed');
  like($broken->log, qr{load: reading fails: \Q$dir\E/proc/loadavg: No such file}, 'and it is said which');
};

subtest 'start, values, stop' => sub {
  my $daemon = start_vitald($load);
  ok(eventually(sub { grep { $_ eq 'localhost/load/load' } $daemon->names }), 'values arrive');
  my $begin = time;
  is($daemon->stop, 0, 'SIGTERM: exit 0');
  cmp_ok(time - $begin, '<', 2, 'at once');
  ok(!-e $daemon->socket, 'the socket is gone');
  like($daemon->log, qr/Exiting normally/, 'and it was said');
  my $interrupted = start_vitald($load);
  is($interrupted->stop('INT'), 0, 'SIGINT: exit 0');
};

subtest 'the background' => sub {
  my $dir = workdir();
  my $config = spit("$dir/c.conf", "BaseDir \"$dir/base\"\nPIDFile \"$dir/pid\"\nPluginDir \"$BUILD/plugins\"\n"
    . "TypesDB \"$SOURCE/etc/types.db\"\nControlSocket \"$dir/sock\"\nInterval 1\nHostname h\n$load");
  my ($status, $out, $err) = run($VITALD, '-C', $config);
  is($status, 0, 'the parent exits 0 when the daemon runs');
  my ($pid) = (slurp("$dir/pid") // '') =~ /^(\d+)\n$/;
  ok($pid && kill(0, $pid), 'the PID file names it');
  ok(-d "$dir/base", 'BaseDir was made');
  is(readlink("/proc/$pid/cwd"), "$dir/base", 'and is the working directory');
  is(readlink("/proc/$pid/fd/2"), '/dev/null', 'the terminal was let go');
  like(ask("$dir/sock", 'LISTVAL'), qr/found/, 'it answers');
  ($status, $out, $err) = run($VITALD, '-C', $config);
  is($status, 2, 'a second instance exits 2');
  like($err, qr/held by the running process $pid/, 'and says who holds the PID file');
  ok(kill(0, $pid), 'the first goes on');
  ($status) = run($VITALD, '-B', '-C', spit("$dir/d.conf", "BaseDir \"$dir/none\"\nLoadPlugin load\n"));
  is($status, 1, '-B does not make BaseDir');
  kill('TERM', $pid);
  ok(eventually(sub { !kill(0, $pid) }), 'it stops');
  ok(!-e "$dir/pid", 'and takes its PID file away');
};

subtest 'the service manager is told' => sub {
  my $dir = workdir();
  my $notify = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "$dir/notify") or die $!;
  my $daemon = start_vitald($load, env => {NOTIFY_SOCKET => "$dir/notify", WATCHDOG_USEC => 400000});
  my $told = '';
  my $listen = sub {
    my $message;
    $notify->blocking(0);
    $told .= "$message\n" while defined $notify->recv($message, 4096) && length $message;
    return $told;
  };
  ok(eventually(sub { $listen->() =~ /^READY=1$/m }), 'READY');
  like($told, qr/^STATUS=/m, 'STATUS');
  ok(eventually(sub { my @beats = $listen->() =~ /WATCHDOG=1/g; @beats >= 3 }), 'WATCHDOG, again and again');
  $daemon->stop;
  like($listen->(), qr/^STOPPING=1$/m, 'STOPPING');
};

subtest 'signals' => sub {
  my $daemon = start_vitald($load);
  kill('USR1', $daemon->pid);
  ok(eventually(sub { $daemon->log =~ /Flushing all data\..*Finished flushing all data\./s }), 'SIGUSR1 flushes');
  kill('PIPE', $daemon->pid);
  sleep 0.2;
  ok($daemon->alive, 'SIGPIPE is ignored');
  is($daemon->stop, 0, 'and it still stops');
};

subtest 'the name of the host' => sub {
  chomp(my $short = `uname -n`);
  my $named = start_vitald("Hostname \"my.name\"\n$load");
  ok(eventually(sub { grep { $_ eq 'my.name/load/load' } $named->names }), 'Hostname');
  my $plain = start_vitald("FQDNLookup false\n$load");
  ok(eventually(sub { grep { $_ eq "$short/load/load" } $plain->names }), 'FQDNLookup false: the short name');
  my $full = start_vitald("FQDNLookup true\n$load");
  ok(eventually(sub { grep { m{^\Q$short\E[^/]*/load/load$} } $full->names }), 'FQDNLookup true: the full name');
};

subtest 'wrong places' => sub {
  my $dir = workdir();
  spit("$dir/file", '');
  my $daemon = start_vitald("BaseDir \"$dir/file\"\n$load", wait => 0);
  is($daemon->wait_for_end, 1, 'a BaseDir that is none: exit 1');
  like($daemon->log, qr{BaseDir: \Q$dir\E/file: Not a directory}, 'said with its path');
  my $noplugin = start_vitald("LoadPlugin mysql\nLoadPlugin nonsense\n$load");
  ok(eventually(sub { grep { $_ eq 'localhost/load/load' } $noplugin->names }), 'missing plugins do not stop the rest');
  like(join("\n", $noplugin->ask_it('STATUS')), qr/problem configuration .*mysql/, 'and stay visible in the status');
};

done_testing;
