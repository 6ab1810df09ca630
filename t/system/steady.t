#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What a tick costs when everything has been seen once: no file is opened, there are at most 20 system
# calls, and the daemon wakes once for all kernel readers. Allocations are counted by the unit tests of
# each reader. And the status says what it costs.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('strace');

my @readers = qw(contextswitch cpu df disk entropy interface irq load memory swap thermal uptime users vmem);
my $vitald = start_vitald(join('', map { "LoadPlugin $_\n" } @readers) . "<Plugin df>\n  MountPoint \"/\"\n</Plugin>\n");
ok(eventually(sub { ($vitald->status_of('reader', 'cpu') // {reads => 0})->{reads} >= 3 }), 'ticks go by');

subtest 'system calls of ten ticks' => sub {
  my $trace = workdir() . '/trace';
  my $pid = $vitald->pid;
  my $strace = fork // die "fork: $!";
  if ($strace == 0) {
    open(STDERR, '>', '/dev/null');
    exec('strace', '-f', '-ttt', '-o', $trace, '-p', $pid) or POSIX::_exit(127);
  }
  ok(eventually(sub { -s $trace }), 'strace follows');
  sleep 13;
  kill('INT', $strace);
  waitpid($strace, 0);
  my (%calls, $begin);
  for (split(/\n/, slurp($trace))) {
    next if !/^\d+\s+([\d.]+)\s+(\w+)\(/;
    $begin //= $1;
    ++$calls{$2} if $1 - $begin > 3;    # reads are weighed once after the status was asked for
  }
  note(join(', ', map { "$_ $calls{$_}" } sort { $calls{$b} <=> $calls{$a} } keys %calls));
  my $slept = $calls{ppoll} // 0;
  my $all = 0;
  $all += $_ for values %calls;
  cmp_ok($slept, '>=', 5, "$slept ticks were followed");
  cmp_ok($all, '<=', 20 * ($slept + 1), "$all system calls");
  cmp_ok($calls{pread64} // 0, '>=', 6 * ($slept - 1), 'kernel files were read');
  is($calls{futex} // 0, 0, 'no thread waited for another');
  is(($calls{openat} // 0) + ($calls{open} // 0), 0, 'none was opened');
  is(($calls{brk} // 0) + ($calls{mmap} // 0) + ($calls{munmap} // 0), 0, 'no memory was asked for');
  is($calls{clone3} // 0, 0, 'no thread was started');
};

subtest 'wake-ups of ten ticks' => sub {
  my $switches = sub {
    my $sum = 0;
    for my $file (glob('/proc/' . $vitald->pid . '/task/*/status')) {
      $sum += $1 if (slurp($file) // '') =~ /^voluntary_ctxt_switches:\s+(\d+)/m;
    }
    return $sum;
  };
  my $reads = sub { $vitald->status_of('reader', 'cpu')->{reads} };
  my $before_reads = $reads->();
  sleep 0.2;
  my $before = $switches->();
  sleep 10;
  my $woken = $switches->() - $before;
  my $ticks = $reads->() - $before_reads;
  cmp_ok($ticks, '>=', 9, "$ticks ticks");
  cmp_ok($woken, '<=', 1.5 * $ticks + 3, "$woken wake-ups");
};

subtest 'the status tells what each read and each thread costs' => sub {
  my $cost = sub { $vitald->status_of('reader', 'load') };
  ok(eventually(sub { defined $cost->()->{calls} }), 'calls are weighed when somebody has asked');
  is($cost->()->{calls}, 1, 'one call reads the load');
  cmp_ok($cost->()->{cpu_ms}, '>', 0, 'and takes some time on a CPU');
  my @threads = grep { /^thread / } $vitald->ask_it('STATUS');
  is(scalar(@threads), scalar(() = glob('/proc/' . $vitald->pid . '/task/*')), 'there is a line for each thread');
  is(scalar(grep { !/ calls=\d+ faults=\d+$/ } @threads), 0, 'with its calls and page faults');
};

is($vitald->stop, 0, 'the daemon stops');
done_testing;
