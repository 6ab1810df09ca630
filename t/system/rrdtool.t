#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# RRD files: those of collectd and ours are compared whole; then what an operator does (flush, stop) and
# what fate does (a full disk, one that is read-only, a file that is broken, kill -9).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::UNIX;
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('collectd', 'rrdtool');
$SIG{PIPE} = 'IGNORE';

# A minute of values began there: in the past, and a multiple of all steps.
my $begin = int(time / 3600 - 2) * 3600;

# Archives of a few rows, so that a hundred files are small.
my $small = "  RRARows 10\n  RRATimespan 60\n  RRATimespan 600\n";

sub rrdtool_config {
  my ($directory, $options) = @_;
  return "<LoadPlugin load>\n  Interval 1\n</LoadPlugin>\nLoadPlugin csv\n<Plugin csv>\n  DataDir \"$directory-csv\"\n</Plugin>\n"
    . "LoadPlugin rrdtool\n<Plugin rrdtool>\n  DataDir \"$directory\"\n" . ($options // '') . "</Plugin>\n";
}

# One thread that writes, because several swap values of a series and lose the older one.
sub start_theirs { my ($config) = @_; return start_collectd("WriteThreads 1\n$config", interval => 10) }
sub start_ours { my ($config) = @_; return start_vitald($config, interval => 10) }

sub rrdtool { my ($status, $out, $err) = run('rrdtool', @_); return $status == 0 ? $out : "failed: $err" }

# What `rrdtool info` says of the structure: all but the name and what changes with values and time.
sub structure {
  my ($path) = @_;
  return join("\n", grep { !/^(filename|last_update)|\.(last_ds|value|unknown_sec|cur_row|unknown_datapoints) =/ }
      split(/\n/, rrdtool('info', $path)));
}

# All that a file holds, in the order of time: two files with the same dump differ only in the row in
# which librrd happened to begin.
sub dump_of { return rrdtool('dump', $_[0]) }

# The minutes of values, of all archives.
sub fetched {
  my ($path) = @_;
  return join('', map { rrdtool('fetch', $path, $_, '-s', $begin - 60, '-e', $begin + 600) } qw(AVERAGE MIN MAX));
}

# A picture of the first data source.
sub drawn {
  my ($path) = @_;
  my ($source) = structure($path) =~ /^ds\[(\w+)\]/m;
  return rrdtool('graph', '-', '-s', $begin - 60, '-e', $begin + 600, 'DEF:a=' . $path =~ s/:/\\:/gr . ":$source:AVERAGE",
    'DEF:b=' . $path =~ s/:/\\:/gr . ":$source:MAX", 'LINE1:a#008000', 'LINE1:b#800000');
}

sub first_difference {
  my ($ours, $theirs) = map { [split(/\n/, $_)] } @_;
  my ($at) = grep { ($ours->[$_] // '') ne ($theirs->[$_] // '') } 0 .. $#$ours;
  return defined $at ? "ours:   $ours->[$at]\ntheirs: " . ($theirs->[$at] // '') : 'theirs has more';
}

# The answers to many commands, all by one process; undef where one failed.
sub rrdtool_all {
  my (@commands) = @_;
  my $input = spit(workdir() . '/commands', join('', map { "$_\n" } @commands));
  my ($answer, @answers) = ('');
  for my $line (`rrdtool - < '$input'`) {
    if ($line =~ /^(OK u|ERROR):/) {
      push @answers, $1 eq 'ERROR' ? undef : $answer;
      $answer = '';
    } else {
      $answer .= $line;
    }
  }
  return @answers;
}

sub lasts_of { return map { ($_ // '') =~ /^(\d+)$/m ? $1 : 0 } rrdtool_all(map { "last $_" } @_) }
sub last_of { return (lasts_of(@_))[0] }

sub put { my ($name, $time, $value, $options) = @_; return "PUTVAL \"$name\" " . ($options // '') . " $time:$value" }

# The same commands to both daemons. $last is the file of the last one: collectd forgets at its end what
# its thread has not taken yet.
sub put_both {
  my ($ours, $theirs, $last, @lines) = @_;
  my @answers = map { [grep { !/^0 / } ask($_->socket, @lines)] } $ours, $theirs;
  is(scalar @{$answers[0]}, scalar @{$answers[1]}, 'both take ' . @lines . ' values')
    or diag(explain(\@answers));
  ok(eventually(sub { -e $last }, 20), 'and collectd has come to the last one');
}

# Values of every kind, with what is odd about them.
sub series {
  my %values = (
    'gauge' => [0, 1, 10, 2.5, 20, 'U', 30, '-3e-7', 40, 1e300, 50, 1 / 3],
    'gauge-fraction' => [0.6, 1, 10.4, 2, 20.5, 3, 29.5, 4],
    'gauge-hole' => [0, 1, 10, 2, 100, 3, 110, 4],
    'derive' => [0, 0, 10, 1000, 20, 5000, 30, 4000, 40, 9000],
    'derive-negative' => [0, -500, 10, -400, 20, 100],
    'counter' => [0, 4294967000, 10, 4294967290, 20, 100, 30, 400],
    'counter-64' => [0, '18446744073709551000', 10, 50, 20, 100],
    'absolute' => [0, 10, 10, 20, 20, 30],
    'if_octets-eth0' => [0, '100:200', 10, '1100:2200', 20, '5100:9200'],
    'percent' => [0, 50, 10, 150, 20, 75],
    'ping-a b' => [0, 12.25, 10, 'U', 20, 70000],
  );
  my %interval = ('gauge-60' => 60, 'gauge-2.5' => 2.5, 'gauge-300' => 300, 'gauge-0.4' => 0.4, 'derive-1' => 1);
  my @lines;
  for my $name (sort keys %values) {
    my @list = @{$values{$name}};
    while (my ($offset, $value) = splice(@list, 0, 2)) { push @lines, put("h/p-x y/$name", $begin + $offset, $value) }
  }
  for my $name (sort keys %interval) {
    my $pause = $interval{$name} < 1 ? 10 : $interval{$name};
    push @lines, put("h/p/$name", $begin + $_ * $pause, 10 * $_, "interval=$interval{$name}") for 0 .. 5;
  }
  return (@lines, put('.hidden/p/gauge', $begin, 1), put('h/.p/gauge', $begin, 1), put('h/p/gauge-..dot', $begin, 1));
}

my %options = (
  'no options' => '',
  'a step' => "  StepSize 30\n",
  'a heartbeat' => "  HeartBeat 90\n",
  'all of them' => "  StepSize 20\n  HeartBeat 77\n  RRARows 100\n  XFF 0.5\n"
    . "  RRATimespan 600\n  RRATimespan 3600\n  RRATimespan 7200\n  RRATimespan 86400\n",
  'timespans in one text' => "  RRARows 50\n  RRATimespan \"7200, 300\t86400\"\n",
  'files made apart' => "  CreateFilesAsync true\n  RRARows 50\n",
  'a cache' => "  CacheTimeout 15\n  CacheFlush 120\n  RandomTimeout 5\n  RRARows 50\n",
  'nothing sensible' => "  StepSize 0\n  HeartBeat -1\n  RRARows 20\n  XFF 0\n  WritesPerSecond 1000\n",
);

for my $name (sort keys %options) {
  subtest "the files that collectd makes: $name" => sub {
    my $dir = workdir();
    my $theirs = start_theirs(rrdtool_config("$dir/theirs", $options{$name}));
    my $ours = start_ours(rrdtool_config("$dir/ours", $options{$name}));
    my @lines = series();
    # collectd loses what comes before a file is there, if another thread makes it.
    my $apart = $options{$name} =~ /Async/;
    put_both($ours, $theirs, "$dir/theirs/h/p/gauge-..dot.rrd", @lines);
    for my $daemon ($ours, $theirs) {
      ok(eventually(sub { grep { $_ eq 'localhost/load/load' } $daemon->names }), 'and the load is read');
      is($daemon->stop, 0, 'it ends');
    }
    my @files = files_below("$dir/ours");
    is_deeply(\@files, [files_below("$dir/theirs")], 'the same files') if !$apart;
    cmp_ok(scalar @files, '>', 15, scalar @files . ' of them');
    ok((grep { $_ eq 'localhost/load/load.rrd' } @files), 'with that of a reader');
    ok(!(grep { m{hidden|/\.p/} } @files), 'none in hidden directories');
    is(scalar(grep { /gauge-0\.4/ } @files), $options{$name} =~ /StepSize [1-9]/ ? 1 : 0,
      'an interval below half a second wants a step of its own');
    for my $file (@files) {
      next if $apart && !-e "$dir/theirs/$file";
      is(structure("$dir/ours/$file"), structure("$dir/theirs/$file"), "$file: structure");
      next if $file =~ m{/load/} || $apart;
      my @dumps = map { dump_of("$dir/$_/$file") } 'ours', 'theirs';
      ok($dumps[0] eq $dumps[1], 'and all that it holds') or diag(first_difference(@dumps));
      next if $name ne 'no options';
      my @fetched = map { fetched("$dir/$_/$file") } 'ours', 'theirs';
      ok($fetched[0] eq $fetched[1] && $fetched[0] !~ /failed/, 'fetched as well');
      my @drawn = map { drawn("$dir/$_/$file") } 'ours', 'theirs';
      ok($drawn[0] eq $drawn[1] && $drawn[0] =~ /^.PNG/, 'and drawn');
    }
  };
}

subtest 'every type of types.db' => sub {
  my $dir = workdir();
  my $theirs = start_theirs(rrdtool_config("$dir/theirs", $small));
  my $ours = start_ours(rrdtool_config("$dir/ours", $small));
  my @lines;
  for my $line (split(/\n/, slurp('/usr/share/collectd/types.db'))) {
    my ($type, $sources) = $line =~ /^(\w+)\s+(\S.*)$/ or next;
    my $width = () = $sources =~ /:\w+:[^:]+:/g;
    push @lines, map { put("h/types/$type", $begin + $_, join(':', (7 * $_) x $width)) } 0, 10, 20;
  }
  put_both($ours, $theirs, "$dir/theirs/h/types/gauge-last.rrd", @lines, put('h/types/gauge-last', $begin, 1));
  is($_->stop, 0, 'it ends') for $ours, $theirs;
  my @files = files_below("$dir/theirs/h/types");
  cmp_ok(scalar @files, '>', 200, scalar @files . ' types');
  is_deeply([files_below("$dir/ours/h/types")], \@files, 'the same files');
  my @dumps = rrdtool_all(map { ("dump $dir/ours/h/types/$_", "dump $dir/theirs/h/types/$_") } @files);
  my @other = grep { my ($ours, $theirs) = splice(@dumps, 0, 2); !defined $ours || $ours ne $theirs } @files;
  is_deeply(\@other, [], 'with the same contents');
};

subtest 'each goes on with the files of the other' => sub {
  my $dir = workdir();
  my $config = rrdtool_config("$dir/rrd", $small);
  my $path = "$dir/rrd/h/p/gauge.rrd";
  for my $round (0 .. 3) {
    my $daemon = $round % 2 ? start_ours($config) : start_theirs($config);
    ask($daemon->socket, map { put('h/p/gauge', $begin + 20 * $round + $_, 20 * $round + $_) } 0, 10);
    # collectd forgets at its end what its thread has not taken yet.
    eventually { last_of($path) == $begin + 20 * $round + 10 } if $round % 2 == 0;
    is($daemon->stop, 0, 'it ends');
    is(last_of($path), $begin + 20 * $round + 10, 'the file has the last value');
  }
  my @values = rrdtool('fetch', $path, 'AVERAGE', '-s', $begin, '-e', $begin + 65) =~ /^\d+: (\S+)$/gm;
  is_deeply([map { sprintf('%g', $_) } @values[0 .. 6]], [map { 10 * $_ } 1 .. 7], 'without a hole');
};

subtest 'flush and stop' => sub {
  my $daemon = start_vitald(rrdtool_config('rrd', "  CacheTimeout 3600\n$small"), interval => 10);
  my $dir = $daemon->dir . '/rrd/h/p';
  my $lasts = sub { return [map { $_ - $begin } lasts_of(map { "$dir/gauge-$_.rrd" } 1 .. 3)] };
  my $values = sub { my ($time) = @_; $daemon->ask_it(map { put("h/p/gauge-$_", $begin + $time, $time) } 1 .. 3) };
  $values->(10);
  $values->(20);
  is_deeply($lasts->(), [9, 9, 9], 'files are made, and values wait');
  is($daemon->ask_it('FLUSH identifier=h/p/gauge-2'), '0 Done: 1 successful, 0 errors', 'FLUSH of one');
  is_deeply($lasts->(), [9, 20, 9], 'has written when it answers, and that one alone');
  $daemon->ask_it('FLUSH timeout=600');
  is_deeply($lasts->(), [9, 20, 9], 'what is younger than the timeout stays');
  $daemon->ask_it('FLUSH plugin=csv');
  is_deeply($lasts->(), [9, 20, 9], 'so it does when another plugin is asked');
  $daemon->ask_it('FLUSH plugin=rrdtool identifier=h/p/gauge-1 identifier=h/p/gauge-3');
  is_deeply($lasts->(), [20, 20, 20], 'FLUSH of several, by plugin');
  $values->(30);
  $daemon->ask_it('FLUSH');
  is_deeply($lasts->(), [30, 30, 30], 'FLUSH of all');
  $values->(40);
  kill('USR1', $daemon->pid);
  ok(eventually(sub { "@{$lasts->()}" eq '40 40 40' }), 'SIGUSR1');
  $values->(50);
  is($daemon->stop, 0, 'it ends');
  is_deeply($lasts->(), [50, 50, 50], 'and has written all before');
};

# Gives many values at once: all commands first, then all answers.
sub pour {
  my ($daemon, @lines) = @_;
  my $socket = IO::Socket::UNIX->new(Peer => $daemon->socket) or return;
  while (my @some = splice(@lines, 0, 200)) {
    defined syswrite($socket, join('', map { "$_\n" } @some)) or return;
    for (@some) { defined readline($socket) or return }
  }
  return 1;
}

subtest 'it stops within 5 s, whatever waits' => sub {
  for my $options ("  CacheTimeout 3600\n", "  WritesPerSecond 1\n", "  CacheTimeout 3600\n  CreateFilesAsync true\n") {
    my $daemon = start_vitald(rrdtool_config('rrd', $options . $small), interval => 10);
    pour($daemon, map { my $time = $begin + 10 * $_; map { put("h/p/gauge-$_", $time, 1) } 1 .. 1000 } 1 .. 5);
    my $start = time;
    is($daemon->stop, 0, 'it ends');
    cmp_ok(time - $start, '<', 5, sprintf('after %.2f s', time - $start));
    my $dir = $daemon->dir . '/rrd/h/p';
    my @missing = grep { $_ != $begin + 50 } lasts_of(map { "$dir/gauge-$_.rrd" } 1 .. 1000);
    is_deeply(\@missing, [], 'and lost nothing');
    is(scalar files_below($dir), 1000, 'nor left anything unfinished');
  }
};

# A file system of its own for $directory, which is then seen below $daemon->disk.
sub on_disk {
  my ($directory, $options) = @_;
  mkdir $directory;
  return ['unshare', '-m', '--propagation', 'private', 'sh', '-c',
    'mount -t tmpfs -o "$1" none "$0" && shift && exec "$@"', $directory, $options];
}

sub fill {
  my ($path) = @_;
  open(my $file, '>', $path) or die "$path: $!";
  1 while syswrite($file, 'x' x 4096);
}

sub inside { my ($daemon, $path) = @_; return '/proc/' . $daemon->pid . "/root$path" }

sub remount {
  my ($daemon, $directory, $how) = @_;
  my ($status, undef, $err) = run('nsenter', '-t', $daemon->pid, '-m', 'mount', '-o', "remount,$how", $directory);
  is($status, 0, "it is mounted $how") or diag($err);
}

sub counts {
  my ($daemon) = @_;
  my $status = $daemon->status_of('writer', 'rrdtool');
  is($status->{submitted}, $status->{delivered} + $status->{queued} + $status->{dropped}, 'the counts add up');
  return $status;
}

sub lines_like { my ($daemon, $what) = @_; return scalar grep { /$what/ } split(/\n/, $daemon->log) }

sub disk_daemon {
  my ($size) = @_;
  my $dir = workdir();
  my $disk = "$dir/disk";
  my $daemon = start_vitald("LoadPlugin rrdtool\n<Plugin rrdtool>\n  DataDir \"$disk\"\n$small</Plugin>\n",
    dir => $dir, interval => 10, through => on_disk($disk, $size));
  return ($daemon, $disk, inside($daemon, $disk));
}

my $time = $begin;
sub more { my ($daemon, @names) = @_; $time += 10; $daemon->ask_it(map { put($_, $time, $time) } @names); return $time }
sub flushed { my ($daemon, @names) = @_; my $at = more($daemon, @names); $daemon->ask_it('FLUSH plugin=rrdtool'); return $at }

SKIP: {
  if ($> != 0) {
    fail('needs root, to mount file systems of its own: full and read-only disks are NOT tested');
    skip('no root', 2);
  }

  subtest 'a full disk' => sub {
    my ($daemon, $disk, $seen) = disk_daemon('size=200k');
    my @old = map { "h/p/gauge-$_" } 1 .. 3;
    my @new = map { "h/q/gauge-$_" } 1 .. 10;
    my $at = flushed($daemon, @old);
    is(last_of("$seen/h/p/gauge-1.rrd"), $at, 'a file on a disk of its own');
    fill("$seen/fill");
    $at = flushed($daemon, @new, @old);
    is_deeply([lasts_of(map { "$seen/$_.rrd" } @old)], [$at, $at, $at], 'files that exist are written');
    flushed($daemon, @new) for 1 .. 3;
    is_deeply([files_below("$seen/h/q")], [], 'new ones leave nothing behind');
    is(lines_like($daemon, 'rrdtool: cannot write'), 1, 'it is said once') or diag($daemon->log);
    like($daemon->log, qr{cannot write \Q$disk\E/h/q/gauge-1.rrd: .*No space left on device}, 'with file and reason');
    my $counts = counts($daemon);
    is($counts->{dropped}, 40, 'what is lost is counted');
    is($counts->{delivered}, 6, 'and so is what arrived');
    unlink("$seen/fill") or die $!;
    ok(eventually(sub { $at = flushed($daemon, @new, @old); last_of("$seen/$new[9].rrd") == $at } , 30), 'it recovers by itself');
    is_deeply([grep { $_ != $at } lasts_of(map { "$seen/$_.rrd" } @old, @new)], [], 'each file of it');
    is(lines_like($daemon, 'no file fails any more'), 1, 'which is said once') or diag($daemon->log);
    $counts = counts($daemon);
    like($daemon->log, qr{10 files had lost $counts->{dropped} values}, 'with the sum of what was lost');
    is($daemon->stop, 0, 'it ends');
  };

  subtest 'a disk that becomes read-only' => sub {
    my ($daemon, $disk, $seen) = disk_daemon('size=1m');
    my @names = map { "h/p/gauge-$_" } 1 .. 5;
    my $at = flushed($daemon, @names[0 .. 2]);
    is(last_of("$seen/h/p/gauge-1.rrd"), $at, 'as long as it can be written');
    remount($daemon, $disk, 'ro');
    flushed($daemon, @names) for 1 .. 3;
    is(last_of("$seen/h/p/gauge-1.rrd"), $at, 'and no longer');
    is(lines_like($daemon, 'rrdtool: cannot write'), 1, 'it is said once') or diag($daemon->log);
    like($daemon->log, qr{cannot write \Q$disk\E/h/p/gauge-1.rrd: .*Read-only file system}, 'with file and reason');
    is(counts($daemon)->{dropped}, 15, 'what is lost is counted');
    remount($daemon, $disk, 'rw');
    ok(eventually(sub { $at = flushed($daemon, @names); last_of("$seen/$names[4].rrd") == $at } , 30), 'it recovers by itself');
    is_deeply([grep { $_ != $at } lasts_of(map { "$seen/$_.rrd" } @names)], [], 'each file of it');
    is(lines_like($daemon, 'no file fails any more'), 1, 'which is said once') or diag($daemon->log);
    is($daemon->stop, 0, 'it ends');
  };
}

subtest 'files that are broken' => sub {
  my $daemon = start_vitald("LoadPlugin rrdtool\n<Plugin rrdtool>\n  DataDir rrd\n$small</Plugin>\n", interval => 10);
  my $dir = $daemon->dir . '/rrd';
  my @names = map { "h/p/gauge-$_" } 1 .. 4;
  flushed($daemon, @names);
  spit("$dir/$names[0].rrd", "no file of librrd\n");
  spit("$dir/$names[1].rrd", substr(slurp("$dir/$names[2].rrd"), 0, 1000));
  my $at;
  $at = flushed($daemon, @names) for 1 .. 3;
  is_deeply([lasts_of(map { "$dir/$_.rrd" } @names[2, 3])], [$at, $at], 'the others are written');
  my $counts = counts($daemon);
  is($counts->{dropped}, 6, 'their own values are lost, and counted');
  is(lines_like($daemon, 'rrdtool: cannot write'), 1, 'it is said once') or diag($daemon->log);
  is(slurp("$dir/$names[0].rrd"), "no file of librrd\n", 'and they are left as they are');
  unlink("$dir/$names[0].rrd", "$dir/$names[1].rrd");
  ok(eventually(sub { $at = flushed($daemon, @names); last_of("$dir/$names[1].rrd") == $at } , 30), 'once removed they are made anew');
  is($daemon->stop, 0, 'it ends');
};

subtest 'librrd is loaded when a file needs it' => sub {
  my $dir = workdir();
  my $daemon = start_ours(rrdtool_config("$dir/data", $small));
  my $maps = sub { slurp('/proc/' . $daemon->pid . '/maps') };
  $daemon->ask_it("PUTVAL far/p/gauge interval=10 $begin:1");
  $daemon->ask_it('FLUSH plugin=rrdtool');
  ok(-s "$dir/data/far/p/gauge.rrd", 'a file is made');
  unlike($maps->(), qr/librrd/, 'without it');
  my $strange = "$dir/data/far/p/gauge-strange.rrd";
  rrdtool('create', $strange, '--start', $begin - 1, '--step', 10, 'DS:value:GAUGE:20:U:U', 'RRA:AVERAGE:0.5:1:100', 'RRA:HWPREDICT:100:0.1:0.0035:10');
  $daemon->ask_it("PUTVAL far/p/gauge-strange interval=10 " . ($begin + 10) . ":42");
  $daemon->ask_it('FLUSH plugin=rrdtool');
  like(rrdtool('lastupdate', $strange), qr/^@{[$begin + 10]}: 42$/m, 'one that only librrd knows is written') or diag $daemon->log;
  like($maps->(), qr/librrd/, 'with it');
  is($daemon->stop, 0, 'stopped');
};

subtest 'kill -9 while it writes' => sub {
  my $dir = workdir();
  my $now = $begin;
  my $rounds = 8;
  for my $round (1 .. $rounds) {
    my $options = ($round % 2 ? '' : "  CreateFilesAsync true\n") . ($round % 3 ? '' : "  CacheTimeout 30\n");
    my $daemon = start_vitald("LoadPlugin rrdtool\n<Plugin rrdtool>\n  DataDir rrd\n$options</Plugin>\n",
      dir => $dir, interval => 10);
    spit("$dir/err", '');
    my $killer = fork // die $!;
    if ($killer == 0) {
      sleep(0.02 + rand 0.4);
      kill('KILL', $daemon->pid);
      POSIX::_exit(0);
    }
    # A hundred series more in each round, so that it is killed while it makes files, too.
    my $end = time + 5;
    while (time < $end) {
      $now += 10;
      pour($daemon, map { put("h/p/gauge-$_", $now, $now) } 1 .. 100 * $round) or last;
    }
    waitpid($killer, 0);
    is($daemon->wait_for_end, 'signal 9', 'it was killed');
    my @files = map { "$dir/rrd/$_" } grep { /\.rrd$/ } files_below("$dir/rrd");
    my @answers = rrdtool_all(map { ("info $_", "fetch $_ AVERAGE") } @files);
    is(scalar(grep { defined } @answers), 2 * @files, @files . ' files, all of them valid');
  }
  my $daemon = start_vitald("LoadPlugin rrdtool\n<Plugin rrdtool>\n  DataDir rrd\n</Plugin>\n", dir => $dir, interval => 10);
  $now += 10;
  pour($daemon, map { put("h/p/gauge-$_", $now, $now) } 1 .. 800);
  is($daemon->stop, 0, 'it starts again, and ends');
  my @files = files_below("$dir/rrd");
  is_deeply([grep { $_ != $now } lasts_of(map { "$dir/rrd/$_" } @files)], [], 'all files have the newest value');
  is(scalar(grep { m{/p/} } @files), 800, 'and nothing unfinished is left');
  my ($displaced, @wrong) = (0);
  for my $text (rrdtool_all(map { "fetch $dir/rrd/$_ AVERAGE -s " . ($now - 10000) . " -e $now" } @files)) {
    # A value that was lost with the daemon is bridged by the next one, as the heartbeat allows. And librrd
    # changes a file in several places, one after the other: killed in between it stays valid, but what it
    # held before lies off from then on, by as many rows as were being written; collectd's files have that
    # from it, too. At most one file is being written when the daemon is killed.
    my @off = grep { $_ } map { /^(\d+): (\S+)$/ && $2 !~ /nan/ && abs($2 - $1) > 40 ? "$1: $2" : '' } split(/\n/, $text);
    ++$displaced if @off;
    push @wrong, @off;
  }
  cmp_ok($displaced, '<=', $rounds, 'values are where they belong, but in files that were just being written') or diag("@wrong[0 .. 5]");
};

done_testing;
