#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What a tick costs when everything has been seen once: no file is opened, and the daemon wakes
# once for all kernel readers. Allocations are counted by the unit tests of each reader.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('strace');

my @readers = qw(contextswitch cpu disk entropy interface irq load memory swap thermal uptime vmem);
my $vitald = start_vitald(join('', map { "LoadPlugin $_\n" } @readers));
ok(eventually(sub { ($vitald->status_of('reader', 'cpu') // {reads => 0})->{reads} >= 3 }), 'ticks go by');

subtest 'system calls of ten ticks' => sub {
  my $trace = workdir() . '/trace';
  my $pid = $vitald->pid;
  my $strace = fork // die "fork: $!";
  if ($strace == 0) {
    open(STDERR, '>', '/dev/null');
    exec('strace', '-f', '-tt', '-o', $trace, '-p', $pid) or POSIX::_exit(127);
  }
  ok(eventually(sub { -s $trace }), 'strace follows');
  sleep 10;
  kill('INT', $strace);
  waitpid($strace, 0);
  my (%calls, %second);
  for (split(/\n/, slurp($trace))) {
    next if !/^\d+\s+(\d\d:\d\d:\d\d)\.\d+\s+(?:<\.\.\. )?(\w+)(.*)/ || /resumed>/;
    ++$calls{$2};
    ++$second{$1};
  }
  my $ticks = $vitald->status_of('reader', 'cpu')->{reads};
  note(join(', ', map { "$_ $calls{$_}" } sort { $calls{$b} <=> $calls{$a} } keys %calls));
  cmp_ok($calls{pread64} // 0, '>=', 40, 'kernel files were read');
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
  cmp_ok($woken, '<=', 3 * $ticks, "$woken wake-ups");
};

is($vitald->stop, 0, 'the daemon stops');
done_testing;
