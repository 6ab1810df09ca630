#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A mount that hangs, a plugin that is deaf to SIGTERM, one that is stopped: all others are read in
# time. Half a minute; with CHAOS=long five minutes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../system/lib";
use Fcntl;
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('unshare', 'mount');
if (!$ENV{VITAL_OWN_NAMESPACES}) {
  $ENV{VITAL_OWN_NAMESPACES} = 1;
  exec('unshare', '--mount', '--propagation', 'private', $^X, $0) or die "unshare: $!";
}
my $MODULES = "$BUILD/t/modules";
-e "$MODULES/faulty.so" or die "no $MODULES/faulty.so: build the tests (make -C t all-tests)\n";

my $LONG = ($ENV{CHAOS} // '') eq 'long';
my $SECONDS = $LONG ? 300 : 25;
my $PAUSE = $LONG ? 21 : 9;    # from fault to fault: the fourth in a minute rests for longer than two ticks
my @OTHERS = qw(contextswitch load memory uptime);

my $dir = workdir();
my $mount = "$dir/dead";
mkdir $mount or die $!;
local $^F = 1000;
sysopen(my $fuse, '/dev/fuse', O_RDWR) or die "/dev/fuse: $!";

# A read that begins within a tenth of its interval bears the time of the grid: with half a second
# that is 50 ms, and csv shows it.
my $daemon = start_vitald(join('', map { "LoadPlugin $_\n" } @OTHERS, 'csv')
  . "<Plugin csv>\n  DataDir \"$dir/csv\"\n</Plugin>\n"
  . "<LoadPlugin df>\n  Interval 1\n</LoadPlugin>\nPluginDir \"$MODULES\"\n"
  . "<LoadPlugin faulty>\n  Isolation \"process\"\n  Interval 1\n</LoadPlugin>\n<Plugin faulty>\n  Trigger \"$dir/trigger\"\n</Plugin>\n",
  dir => $dir, interval => 0.5, through => ['sh', '-c', 'exec "$@" ' . fileno($fuse) . '>&-', 'sh']);

sub faulty { return $daemon->status_of('process', 'faulty') // {faults => 0, state => 'none'} }
sub threads { my @all = glob('/proc/' . $daemon->pid . '/task/*'); return scalar @all }

ok(eventually(sub { faulty()->{state} eq 'running' && grep { m{/df-root/} } $daemon->names }), 'all is well at first');
sleep 3;
my $threads = threads();
my $options = 'fd=' . fileno($fuse) . ',rootmode=40000,user_id=0,group_id=0,allow_other';
is(system('mount', '-i', '-t', 'fuse.dead', '-o', $options, 'dead', $mount), 0, 'a mount hangs');

my $end = time + $SECONDS;
my ($faults, $most, $slowest) = (0, 0, 0);
my @ways = qw(deaf stop loop segfault);
while (time < $end) {
  my $next = time + $PAUSE;
  spit("$dir/trigger.new", "read $ways[$faults % @ways]\n");
  rename("$dir/trigger.new", "$dir/trigger") or die $!;
  ++$faults;
  eventually { faulty()->{faults} == $faults } 6 or do { fail("fault $faults is noticed"); last };
  my $values = $daemon->status_of('reader', 'faulty')->{values};
  my $begin = time;
  eventually { $daemon->status_of('reader', 'faulty')->{values} > $values } 6 or do { fail("fault $faults is over"); last };
  $slowest = time - $begin if time - $begin > $slowest;
  while (time < $next) {
    $most = threads() if threads() > $most;
    sleep 0.2;
  }
}
is(faulty()->{faults}, $faults, "$faults faults");
cmp_ok($slowest, '<=', 2.2, 'each was over within two ticks');
cmp_ok($most, '<=', $threads + 1, 'at most one thread is lost to the mount');

my ($ticks, $late, $missed) = (0, 0, 0);
for my $reader (@OTHERS) {
  $missed += $daemon->status_of('reader', $reader)->{missed};
}
for my $file (grep { m{^localhost/(uptime/uptime|load/load|contextswitch/contextswitch)-} } files_below("$dir/csv")) {
  for my $line (split(/\n/, slurp("$dir/csv/$file"))) {
    my ($time) = $line =~ /^(\d+\.\d+)/ or next;
    ++$ticks;
    ++$late if $time * 2 != int($time * 2);
  }
}
cmp_ok($ticks, '>', $SECONDS * 2 * 3 * 0.9, "$ticks ticks of others");
diag("$ticks ticks, $late late, $missed missed; slowest recovery " . sprintf('%.2f s', $slowest));
my $allowed = $ticks * 0.001;
$allowed = 3 if $allowed < 3;    # the first read of each is at the start, not on the grid
cmp_ok($late + $missed, '<=', $allowed, '99.9 % of them begin within 50 ms of their time');
my $begin = time;
is($daemon->stop, 0, 'the daemon stops');
cmp_ok(time - $begin, '<', 5, 'within 5 s');
close($fuse);
system('umount', '-l', $mount);
done_testing;
