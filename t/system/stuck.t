#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Sources that hang, vanish, or say nonsense: they cost their own values and nothing else.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Fcntl;
use POSIX qw(mkfifo);
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

# A mount that hangs shall hang nobody else: in a namespace of our own.
need('unshare', 'mount', 'setpriv');
if (!$ENV{VITAL_OWN_NAMESPACES}) {
  $ENV{VITAL_OWN_NAMESPACES} = 1;
  exec('unshare', '--mount', '--propagation', 'private', $^X, $0) or die "unshare: $!";
}

# A tree in which the kernel files are ours; `uptime` is what shows that the others go on.
sub root {
  my $root = workdir();
  spit("$root/proc/loadavg", "0.10 0.20 0.30 1/80 1000\n");
  spit("$root/proc/uptime", "1000.00 500.00\n");
  return $root;
}

sub daemon_over {
  my ($root, %options) = @_;
  return start_vitald("RootPath \"$root\"\nLoadPlugin load\nLoadPlugin uptime\nLoadPlugin csv\n", %options);
}

subtest 'a source that hangs' => sub {
  my $root = root();
  unlink "$root/proc/loadavg";
  mkfifo("$root/proc/loadavg", 0600) or die $!;
  my $daemon = daemon_over($root);
  ok(eventually(sub { ($daemon->status_of('reader', 'uptime') // {reads => 0})->{reads} >= 4 }), 'the others are read');
  my $uptime = $daemon->status_of('reader', 'uptime');
  is($uptime->{missed}, 0, 'without a missed tick');
  my $load = $daemon->status_of('reader', 'load');
  is($load->{state}, 'hanging', 'the status names the one that hangs');
  is($load->{overruns}, 1, 'counted once');
  my @said = $daemon->log =~ /(load: the read has not come back)/g;
  is(scalar @said, 1, 'said once');
  my $begin = time;
  is($daemon->stop, 0, 'the daemon stops');
  cmp_ok(time - $begin, '<', 5, 'within 5 s');
  like($daemon->log, qr/the read of load hangs and is given up/, 'naming what it leaves behind');
};

subtest 'a source that hangs for a while' => sub {
  my $root = root();
  unlink "$root/proc/loadavg";
  mkfifo("$root/proc/loadavg", 0600) or die $!;
  my $daemon = daemon_over($root);
  ok(eventually(sub { ($daemon->status_of('reader', 'load') // {overruns => 0})->{overruns} == 1 }), 'it hangs');
  rename("$root/proc/loadavg", "$root/proc/fifo");
  spit("$root/proc/loadavg", "0.10 0.20 0.30 1/80 1000\n");
  open(my $end, '+<', "$root/proc/fifo") or die $!;    # the open(2) that hung comes back
  ok(eventually(sub { grep { $_ eq 'localhost/load/load' } $daemon->names }), 'and comes back');
  is($daemon->stop, 0, 'the daemon stops');
};

subtest 'a source that is missing, and comes' => sub {
  my $root = root();
  rename("$root/proc/loadavg", "$root/proc/away");
  my $daemon = daemon_over($root);
  ok(eventually(sub { $daemon->log =~ m{load: reading fails: .*/proc/loadavg: No such file} }), 'said');
  ok(eventually(sub { ($daemon->status_of('reader', 'uptime') // {reads => 0})->{reads} >= 6 }), 'the others go on');
  my @said = $daemon->log =~ /(reading fails)/g;
  is(scalar @said, 1, 'said once');
  is($daemon->status_of('reader', 'load')->{state}, 'resting', 'it rests');
  rename("$root/proc/away", "$root/proc/loadavg");
  ok(eventually(sub { grep { $_ eq 'localhost/load/load' } $daemon->names }, 3), 'back within two ticks, however long it rested');
  like($daemon->log, qr/load: reading works again after \d+ failures?/, 'said with a count');
};

subtest 'a source that says nonsense' => sub {
  my $root = root();
  spit("$root/proc/loadavg", "nonsense\n");
  my $daemon = daemon_over($root);
  ok(eventually(sub { $daemon->log =~ /load: reading fails: malformed: nonsense/ }), 'said, with the text');
  ok(eventually(sub { ($daemon->status_of('reader', 'uptime') // {reads => 0})->{reads} >= 3 }), 'the others go on');
  is($daemon->status_of('reader', 'uptime')->{missed}, 0, 'without a missed tick');
  ok(!grep({ $_ eq 'localhost/load/load' } $daemon->names), 'no value was made up');
  spit("$root/proc/loadavg", "1 2 3 1/80 1000\n");
  ok(eventually(sub { grep { $_ eq 'localhost/load/load' } $daemon->names }, 3), 'and it recovers');
};

subtest 'a file system that hangs' => sub {
  my $mount = workdir() . '/dead';
  mkdir $mount or die "$mount: $!";
  local $^F = 1000;    # mount(8) gets the descriptor
  sysopen(my $fuse, '/dev/fuse', O_RDWR) or die "/dev/fuse: $!";
  my $daemon = start_vitald("LoadPlugin df\nLoadPlugin uptime\n", through => ['sh', '-c', 'exec "$@" ' . fileno($fuse) . '>&-', 'sh']);
  ok(eventually(sub { grep { m{^localhost/df-root/} } $daemon->names }), 'file systems are asked');
  my $options = 'fd=' . fileno($fuse) . ',rootmode=40000,user_id=0,group_id=0,allow_other';
  is(system('mount', '-i', '-t', 'fuse.dead', '-o', $options, 'dead', $mount), 0, 'one more is mounted, and will never answer');
  ok(eventually(sub { $daemon->log =~ /\Q$mount\E/ }, 15), 'the log names it');
  my $reads = $daemon->status_of('reader', 'df')->{reads};
  ok(eventually(sub { $daemon->status_of('reader', 'df')->{reads} >= $reads + 5 }, 15), 'the others are asked as before');
  is($daemon->status_of('reader', $_)->{missed}, 0, "$_ missed no tick") for qw(df uptime);
  my @said = $daemon->log =~ /(\Q$mount\E)/g;
  is(scalar @said, 1, 'said once');
  my $threads = () = glob('/proc/' . $daemon->pid . '/task/*');
  sleep 3;
  my $later = () = glob('/proc/' . $daemon->pid . '/task/*');
  cmp_ok($later, '<=', $threads, 'and no more threads are lost to it');
  my $begin = time;
  is($daemon->stop, 0, 'the daemon stops');
  cmp_ok(time - $begin, '<', 5, 'within 5 s');
  close($fuse);
  system('umount', '-l', $mount);
};

subtest 'a file that may not be read' => sub {
  my $root = root();
  chmod(0755, $root, "$root/proc") && chmod(0600, "$root/proc/loadavg") or die $!;
  my $dir = workdir();
  chmod(0777, $dir);
  my $daemon = daemon_over($root, dir => $dir, through => ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']);
  ok(eventually(sub { $daemon->log =~ m{load: reading fails: .*/proc/loadavg: Permission denied} }), 'said, with its path');
  ok(eventually(sub { ($daemon->status_of('reader', 'uptime') // {reads => 0})->{reads} >= 4 }), 'the others go on');
  is($daemon->status_of('reader', 'uptime')->{missed}, 0, 'without a missed tick');
  chmod(0644, "$root/proc/loadavg");
  ok(eventually(sub { grep { $_ eq 'localhost/load/load' } $daemon->names }, 5), 'and it recovers');
};

subtest 'a disk that vanishes, and comes back' => sub {
  my $root = root();
  my $line = sub { sprintf("   8      %d %s 100 1 2000 30 200 2 4000 60 0 50 90\n", @_) };
  spit("$root/proc/diskstats", $line->(0, 'sda') . $line->(16, 'sdb'));
  my $daemon = start_vitald("RootPath \"$root\"\nLoadPlugin disk\nLoadPlugin uptime\n");
  ok(eventually(sub { 2 == grep { m{/disk-sd./disk_octets} } $daemon->names }), 'two disks');
  spit("$root/proc/diskstats", $line->(0, 'sda'));
  ok(eventually(sub { !grep { m{/disk-sdb/} } $daemon->names }), 'its values are gone after a while');
  ok((grep { m{/disk-sda/} } $daemon->names), 'those of the other stay');
  spit("$root/proc/diskstats", $line->(0, 'sda') . $line->(16, 'sdb'));
  ok(eventually(sub { grep { m{/disk-sdb/} } $daemon->names }), 'back');
  is($daemon->status_of('reader', $_)->{missed}, 0, "$_ missed no tick") for qw(disk uptime);
  is($daemon->status_of('reader', 'disk')->{failures}, 0, 'which is no failure');
};

done_testing;
