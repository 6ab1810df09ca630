#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What the daemon gives up when it starts, and that nothing is missing afterwards.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('setpriv');
my $MODULES = "$BUILD/t/modules";
-e "$MODULES/faulty.so" or die "no $MODULES/faulty.so: build the tests (make -C t all-tests)\n";
$> == 0 or die "this test must be root\n";

my ($NOBODY, $NOGROUP) = (getpwnam('nobody'))[2, 3];
my %BIT = (CHOWN => 0, DAC_OVERRIDE => 1, DAC_READ_SEARCH => 2, NET_BIND_SERVICE => 10, NET_ADMIN => 12, NET_RAW => 13, KILL => 5, SETGID => 6, SETUID => 7, SYS_PTRACE => 19);
my @READERS = qw(contextswitch cpu df disk entropy interface irq load memory ping processes sensors swap thermal uptime users vmem);
@READERS = grep { -e "$BUILD/plugins/$_.so" } @READERS;

# The kernel's words on a process.
sub proc_status {
  my ($pid) = @_;
  my %values = (slurp("/proc/$pid/status") // '') =~ /^(\w+):\s*(.*)$/mg;
  return \%values;
}
sub caps { my $mask = 0; $mask |= 1 << $BIT{$_} for @_; return sprintf('%016x', $mask) }

# A directory that everybody may reach.
sub open_dir { my $dir = workdir(); chmod(0755, $dir); return $dir }

sub all_readers { return join('', map { "LoadPlugin $_\n" } @READERS) . "<Plugin ping>\n  Host \"127.0.0.1\"\n</Plugin>\n" }

sub writers { return "LoadPlugin csv\n<Plugin csv>\n  DataDir \"$_[0]/csv\"\n</Plugin>\nLoadPlugin rrdtool\n<Plugin rrdtool>\n  DataDir \"$_[0]/rrd\"\n</Plugin>\n" }

sub cached { return ($_[0]->status_of('pipeline', 'values') // {cached => 0})->{cached} }

subtest 'root, and nothing said' => sub {
  my $daemon = start_vitald("LoadPlugin uptime\nLoadPlugin load\n");
  my $status = proc_status($daemon->pid);
  is($status->{CapEff}, caps(), 'no capability is left');
  is($status->{CapBnd}, caps(), 'nor can any come back');
  is($status->{NoNewPrivs}, 1, 'no new privileges');
  is($status->{Seccomp}, 2, 'a filter for system calls');
  is($status->{Uid}, "0\t0\t0\t0", 'it stays root');
  ok(eventually(sub { grep { $_ eq 'localhost/load/load' } $daemon->names }), 'and reads');
  my @threads = glob('/proc/' . $daemon->pid . '/task/*');
  is(scalar(grep { proc_status($daemon->pid . "/task/" . s{.*/}{}r)->{CapEff} ne caps() } @threads), 0, 'in all of its threads');
  is($daemon->stop, 0, 'stops');
};

subtest 'capabilities that plugins declare are kept' => sub {
  my $daemon = start_vitald("LoadPlugin ping\n<Plugin ping>\n  Host \"127.0.0.1\"\n</Plugin>\nLoadPlugin processes\n");
  is(proc_status($daemon->pid)->{CapEff}, caps(qw(NET_RAW SYS_PTRACE DAC_READ_SEARCH)), 'ping, processes');
  like($daemon->log, qr/capabilities kept: CAP_DAC_READ_SEARCH, CAP_NET_RAW, CAP_SYS_PTRACE/, 'said');
  is($daemon->stop, 0, 'stops');
  $daemon = start_vitald("LoadPlugin network\n<Plugin network>\n  Listen \"127.0.0.1\" \"826\"\n</Plugin>\nLoadPlugin processes\n<Plugin processes>\n  CollectDelayAccounting true\n</Plugin>\n");
  is(proc_status($daemon->pid)->{CapEff}, caps(qw(NET_BIND_SERVICE NET_ADMIN SYS_PTRACE DAC_READ_SEARCH)), 'a low port, delays');
  unlike($daemon->log, qr/826.*denied/i, 'the port is taken');
  is($daemon->stop, 0, 'stops');
};

subtest 'each can be switched off' => sub {
  my $daemon = start_vitald("DropCapabilities false\nNoNewPrivileges false\nSystemCallFilter false\nLoadPlugin uptime\n");
  my $status = proc_status($daemon->pid);
  my $mine = proc_status($$);
  is($status->{CapEff}, $mine->{CapEff}, 'capabilities');
  is($status->{NoNewPrivs}, $mine->{NoNewPrivs}, 'no new privileges');
  is($status->{Seccomp}, $mine->{Seccomp}, 'the filter');
  is($daemon->stop, 0, 'stops');
  $daemon = start_vitald("NoNewPrivileges false\nLoadPlugin uptime\n");
  $status = proc_status($daemon->pid);
  is("$status->{NoNewPrivs} $status->{Seccomp} $status->{CapEff}", "$mine->{NoNewPrivs} 2 " . caps(), 'one without the others');
  is($daemon->stop, 0, 'stops');
};

subtest 'another user' => sub {
  my $dir = open_dir();
  my $base = "$dir/base";
  mkdir $base;
  spit("$base/old", 'root wrote this');
  spit("$base/theirs", 'somebody else did');
  chown(1, 1, "$base/theirs");
  symlink('/etc/hostname', "$base/link");
  mkdir "$dir/log";
  my $config = "BaseDir \"$base\"\nUser \"nobody\"\nLoadPlugin logfile\n<Plugin logfile>\n  File \"$dir/log/vitald.log\"\n</Plugin>\n"
    . all_readers() . writers($base) . "LoadPlugin unixsock\n<Plugin unixsock>\n  SocketFile \"$base/unixsock\"\n</Plugin>\n";
  my $daemon = start_vitald($config, dir => $dir, socket => "$base/vitald.sock", wait => 0);
  ok(eventually(sub { (slurp("$dir/log/vitald.log") // '') =~ /entering read-loop/ }), 'it starts, and its log is written')
    or diag($daemon->log);
  my $status = proc_status($daemon->pid);
  is($status->{Uid}, join("\t", ($NOBODY) x 4), 'as that user');
  is($status->{Gid}, join("\t", ($NOGROUP) x 4), 'and group');
  is($status->{CapEff}, caps(qw(NET_RAW SYS_PTRACE DAC_READ_SEARCH CHOWN)), 'with the declared capabilities');
  is((stat("$base/old"))[4], $NOBODY, 'what was root\'s in BaseDir is the user\'s');
  is((stat("$base/theirs"))[4], 1, 'what was somebody\'s still is');
  is((stat('/etc/hostname'))[4], 0, 'links are not followed');
  ok(-S "$base/unixsock", 'sockets are made');
  ok(eventually(sub { grep { m{^csv/localhost/uptime/} } files_below($base) }), 'csv writes');
  $daemon->ask_it('FLUSH');
  ok(eventually(sub { grep { m{^rrd/localhost/uptime/uptime\.rrd$} } files_below($base) }, 15), 'rrdtool writes');
  my $root = start_vitald("DropCapabilities false\nSystemCallFilter false\n" . all_readers());
  ok(eventually(sub { cached($root) > 50 }), 'beside it a daemon that may everything');
  ok(eventually(sub { my %has = map { $_ => 1 } $daemon->names; !grep { !$has{$_} } grep { !m{/(df|interface)-} } $root->names }, 20), 'the same series from all readers')
    or do { my %has = map { $_ => 1 } $daemon->names; diag(join("\n", grep { !$has{$_} } $root->names)) };
  for my $reader (@READERS) {
    my ($here, $there) = map { $_->status_of('reader', $reader) // {failures => 'no such reader'} } $daemon, $root;
    is($here->{failures}, $there->{failures}, "$reader reads");
  }
  unlike(slurp("$dir/log/vitald.log"), qr/is forbidden and fails/, 'no system call was missed');
  is($daemon->stop, 0, 'stops');
  ok(!-e "$base/unixsock", 'and takes its sockets away');
  $root->stop;
};

subtest 'a plugin in a process of its own keeps what it declares, and no more' => sub {
  for my $user ('', "User \"nobody\"\n") {
    my $dir = open_dir();
    my $base = "$dir/base";
    my $daemon = start_vitald("BaseDir \"$base\"\n${user}<LoadPlugin ping>\n  Isolation \"process\"\n</LoadPlugin>\n<Plugin ping>\n  Host \"127.0.0.1\"\n</Plugin>\nLoadPlugin processes\n<LoadPlugin csv>\n  Isolation \"process\"\n</LoadPlugin>\n",
      dir => $dir, socket => "$base/vitald.sock");
    my $process = sub { proc_status($daemon->status_of('process', $_[0])->{pid}) };
    is($process->('ping')->{CapEff}, caps('NET_RAW'), 'ping');
    is($process->('csv')->{CapEff}, caps(), 'csv');
    is($process->('csv')->{Seccomp}, 2, 'with the filter');
    is($process->('csv')->{Uid}, proc_status($daemon->pid)->{Uid}, 'and the user');
    ok(eventually(sub { grep { m{/ping/ping-} } $daemon->names }), 'it pings');
    my $pid = $daemon->status_of('process', 'ping')->{pid};
    kill('KILL', $pid);
    ok(eventually(sub { my $p = $daemon->status_of('process', 'ping'); $p->{state} eq 'running' && $p->{pid} != $pid }), 'and is started again');
    is($process->('ping')->{CapEff}, caps('NET_RAW'), 'with the same');
    unlike($daemon->log, qr/is forbidden and fails/, 'no system call was missed');
    is($daemon->stop, 0, 'stops');
  }
};

subtest 'another user whose programs run as others' => sub {
  my $dir = open_dir();
  my $base = "$dir/base";
  my $program = q{Exec "%s" "/bin/sh" "-c" "while echo PUTVAL h/%s/gauge interval=1 N:$(id -u); do sleep 1; done"} . "\n";
  my $daemon = start_vitald("BaseDir \"$base\"\nUser \"nobody\"\nLoadPlugin exec\n<Plugin exec>\n"
      . sprintf($program, 'daemon', 'other') . sprintf($program, 'nobody', 'same') . "</Plugin>\n",
    dir => $dir, socket => "$base/vitald.sock");
  my $status = proc_status($daemon->pid);
  is("$status->{CapEff} $status->{Seccomp}", caps('KILL', 'SETGID', 'SETUID') . ' 2', 'keeps what that takes, and the filter');
  for my $who (['other', 'daemon'], ['same', 'nobody']) {
    my ($name, $user) = @$who;
    my $uid = getpwnam($user);
    ok(eventually(sub { ($daemon->ask_it("GETVAL h/$name/gauge") =~ /value=(\S+)/ ? $1 : -1) == $uid }), "a program runs as $user");
  }
  my @children = map { / pid=([1-9]\d*)/ ? $1 : () } grep { /^process / } $daemon->ask_it('STATUS');
  is($daemon->stop, 0, 'stops');
  is_deeply([grep { kill(0, $_) } @children], [], 'and they are gone');
};

subtest 'an ordinary user' => sub {
  my $dir = open_dir();
  chown($NOBODY, $NOGROUP, $dir);
  my $daemon = start_vitald("User \"root\"\n" . all_readers() . writers($dir), dir => $dir,
    through => ['setpriv', '--reuid', $NOBODY, '--regid', $NOGROUP, '--clear-groups', '--inh-caps=-all', '--bounding-set=-all']);
  my $status = proc_status($daemon->pid);
  is("$status->{CapEff} $status->{NoNewPrivs} $status->{Seccomp}", caps() . ' 1 2', 'has nothing to give up but what it might get');
  like($daemon->log, qr/User has no effect: only root can become somebody else/, 'User is refused');
  ok(eventually(sub { cached($daemon) > 50 }), 'and reads');
  for my $reader (grep { !/ping|sensors|thermal/ } @READERS) {
    is(($daemon->status_of('reader', $reader) // {failures => 'no such reader'})->{failures}, 0, "$reader reads");
  }
  unlike($daemon->log, qr/is forbidden and fails/, 'no system call was missed');
  is($daemon->stop, 0, 'stops');
};

subtest 'a forbidden system call' => sub {
  my $dir = workdir();
  spit("$dir/trigger", "always personality\n");
  my $config = "LoadPlugin uptime\nPluginDir \"$MODULES\"\nLoadPlugin faulty\n<Plugin faulty>\n  Trigger \"$dir/trigger\"\n</Plugin>\n";
  my $daemon = start_vitald($config, dir => $dir);
  ok(eventually(sub { $daemon->status_of('reader', 'faulty')->{reads} >= 3 }), 'harms nobody');
  like($daemon->log, qr/personality said -1/, 'fails');
  is(scalar(() = $daemon->log =~ /the system call personality \(\d+\) of thread \d+ is forbidden/g), 1, 'and is logged once');
  is($daemon->stop, 0, 'the daemon stops');
  $daemon = start_vitald("SystemCallFilter false\n$config", dir => $dir);
  ok(eventually(sub { $daemon->log =~ /personality said 0/ }), 'without the filter it works');
  is($daemon->stop, 0, 'the daemon stops');
};

subtest 'a user that nobody knows' => sub {
  my $daemon = start_vitald("User \"no-such-user\"\nLoadPlugin uptime\n", wait => 0);
  is($daemon->wait_for_end, 1, 'does not start');
  like($daemon->log, qr/no such user or group: unknown: User no-such-user/, 'and says why');
};

done_testing;
