#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The rrdcached plugin and the real rrdcached: its files are those that collectd's plugin makes by way
# of its own rrdcached; over a Unix socket and over TCP; and what fate does to the connection.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

need('collectd', 'rrdcached', 'rrdtool');

my $begin = int(time / 3600 - 2) * 3600;

sub rrdtool { my ($status, $out, $err) = run('rrdtool', @_); return $status == 0 ? $out : "failed: $err" }
sub structure {
  my ($path) = @_;
  return join("\n", grep { !/^(filename|last_update)|\.(last_ds|value|unknown_sec|cur_row|unknown_datapoints) =/ }
      split(/\n/, rrdtool('info', $path)));
}

sub first_difference {
  my ($ours, $theirs) = map { [split(/\n/, $_)] } @_;
  my ($at) = grep { ($ours->[$_] // '') ne ($theirs->[$_] // '') } 0 .. $#$ours;
  return defined $at ? "ours:   $ours->[$at]\ntheirs: " . ($theirs->[$at] // '') : 'theirs has more';
}

# rrdcached, in the foreground, with its socket and files in a directory of its own.
sub start_rrdcached {
  my ($dir, @options) = @_;
  my $self = bless {dir => $dir}, 'Vital';
  Vital::start_process($self, 'rrdcached', '-g', '-b', $dir, '-p', "$dir/pid", '-l', "unix:$dir/socket", '-w', 3600, @options);
  eventually { -S "$dir/socket" } or die "rrdcached did not start:\n" . $self->log;
  return $self;
}

sub config {
  my ($dir, $options) = @_;
  my $address = $options =~ /DaemonAddress/ ? '' : "  DaemonAddress \"unix:$dir/socket\"\n";
  my $data = $options =~ /DataDir/ ? '' : "  DataDir \"$dir/data\"\n";
  return "TypesDB \"$SOURCE/etc/types.db\"\nLoadPlugin rrdcached\n<Plugin rrdcached>\n$address$data$options</Plugin>\n";
}

sub put {
  my ($daemon, @lines) = @_;
  my @answers = $daemon->ask_it(map { "PUTVAL $_" } @lines);
  is(scalar(grep { /^0 / } @answers), scalar @lines, 'the values are taken');
}

sub updates { my ($dir) = @_; return ask("$dir/socket", 'STATS') =~ /UpdatesReceived: (\d+)/ ? $1 : -1 }

my @values = (
  (map { my $t = $begin + 10 * $_; ("h/load/load interval=10 $t.25:$_.5:$_.25:U", "h/if-eth0/if_octets interval=10 $t:" . 1000 * $_ . ':' . 500 * $_) } 1 .. 6),
  "\"h w/p q/gauge-a b\" interval=60 $begin:42", "h/p/counter interval=10 $begin:18446744073709551615",
  "h/p/derive interval=10 $begin:-5", "h/p/absolute interval=10 $begin:7",
);
my @files = ('h w/p q/gauge-a b.rrd', map { "h/$_.rrd" } 'if-eth0/if_octets', 'load/load', 'p/absolute', 'p/counter', 'p/derive');

for my $options ('', "  CreateFilesAsync true\n", "  StepSize 20\n  HeartBeat 70\n  RRARows 50\n  RRATimespan 600\n  RRATimespan 7200\n  XFF 0.5\n",
  "  StepSize 30\n  CollectStatistics false\n") {
  my $what = $options =~ s/\s+/ /gr;
  subtest "the files are those of collectd's plugin:$what" => sub {
    my @dirs = (workdir(), workdir());
    my @caches = map { start_rrdcached($_) } @dirs;
    my $ours = start_vitald(config($dirs[0], $options), interval => 10);
    my $theirs = start_collectd("WriteThreads 1\n" . config($dirs[1], $options =~ s/.*Async.*\n//r), interval => 10);
    put($_, @values) for $ours, $theirs;
    for my $dir (@dirs) {
      ok(eventually(sub { updates($dir) >= @values }, 20), 'rrdcached has got all of them') or diag updates($dir);
    }
    for my $at (0, 1) { is(($ours, $theirs)[$at]->stop, 0, 'stopped'); ask("$dirs[$at]/socket", 'FLUSHALL') }
    for my $cache (@caches) { is($cache->stop, 0, 'rrdcached has written') }
    is_deeply([grep { !m{/rrdcached/} } files_below("$dirs[0]/data")], \@files, 'there are the files of all series');
    for my $file (@files) {
      my @paths = map { "$_/data/$file" } @dirs;
      is(structure($paths[0]), structure($paths[1]), "$file is made alike");
      # collectd writes gauges with six decimals, always.
      my @dumps = map { rrdtool('dump', $_) =~ s{(<last_ds>\d+)(\.\d*?)0+(</last_ds>)}{$1 . ($2 eq '.' ? '' : $2) . $3}ger } @paths;
      ok($dumps[0] eq $dumps[1], 'and holds the same') or diag(first_difference(@dumps));
    }
  };
}

subtest 'its figures are reported' => sub {
  my $dir = workdir();
  my $cache = start_rrdcached($dir);
  my $ours = start_vitald(config($dir, ''));
  ok(eventually(sub { grep({ m{/rrdcached/counter-journal-rotates$} } $ours->names) }), 'they are there');
  is_deeply([sort grep { m{/rrdcached/} } $ours->names], [map { "localhost/rrdcached/$_" } qw(counter-journal-bytes
    counter-journal-rotates gauge-tree_depth gauge-tree_nodes operations-receive-flush operations-receive-update
    operations-write-data_sets operations-write-updates queue_length)], 'under the names that collectd has for them');
  ok(eventually(sub { $ours->ask_it('GETVAL localhost/rrdcached/gauge-tree_nodes') =~ /value=[1-9]/ }), 'and have values');
  is($_->stop, 0, 'stopped') for $ours, $cache;
};

subtest 'over TCP rrdcached makes the files itself, and FLUSH writes them' => sub {
  my $probe = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!;
  my $port = $probe->sockport;
  close $probe;
  my $dir = workdir();
  my $cache = start_rrdcached($dir, '-l', "127.0.0.1:$port", '-R', '-B');
  my $ours = start_vitald(config($dir, "  DaemonAddress \"127.0.0.1:$port\"\n  DataDir \"data\"\n  CollectStatistics false\n"));
  put($ours, "h/p/gauge interval=10 $begin:1", "h/p/gauge-b interval=10 $begin:2");
  ok(eventually(sub { -e "$dir/data/h/p/gauge-b.rrd" }), 'they are made');
  my $late = $begin + 10;
  put($ours, "h/p/gauge interval=10 $late:3", "h/p/gauge-b interval=10 $late:4");
  ok(eventually(sub { updates($dir) == 6 }), 'the values are with rrdcached');
  like($ours->ask_it('FLUSH plugin=rrdcached identifier=h/p/gauge'), qr/^0 /, 'a FLUSH of one');
  is(rrdtool('last', "$dir/data/h/p/gauge.rrd"), "$late\n", 'writes its file');
  like($ours->ask_it('FLUSH plugin=rrdcached'), qr/^0 /, 'a FLUSH of all');
  ok(eventually(sub { rrdtool('last', "$dir/data/h/p/gauge-b.rrd") eq "$late\n" }), 'writes the others');
  is($_->stop, 0, 'stopped') for $ours, $cache;
};

subtest 'values wait while rrdcached is away' => sub {
  my $dir = workdir();
  my $ours = start_vitald(config($dir, "  CollectStatistics false\n"));
  put($ours, "h/p/gauge interval=10 $begin:1");
  ok(eventually(sub { $ours->log =~ /rrdcached/ }), 'it is said that it is not there');
  my $cache = start_rrdcached($dir);
  ok(eventually(sub { updates($dir) >= 1 }, 20), 'once it is there it gets them');
  $cache->stop('KILL');
  put($ours, map { "h/p/gauge interval=10 " . ($begin + 10 * $_) . ":$_" } 1 .. 3);
  sleep 0.2;
  unlink "$dir/socket";
  $cache = start_rrdcached($dir);
  ok(eventually(sub { updates($dir) >= 3 }, 20), 'and again after it was killed');
  my $status = $ours->status_of(writer => 'rrdcached');
  is($status->{dropped} // 0, 0, 'none is lost') or diag explain $status;
  is($_->stop, 0, 'stopped') for $ours, $cache;
};

subtest 'what rrdcached refuses is counted, and the rest arrives' => sub {
  my $dir = workdir();
  my $cache = start_rrdcached($dir);
  my $ours = start_vitald(config($dir, "  CollectStatistics false\n  CreateFiles false\n"));
  put($ours, "h/p/gauge interval=10 $begin:1");
  ok(eventually(sub { ($ours->status_of(writer => 'rrdcached')->{dropped} // 0) == 1 }), 'without CreateFiles a new series is lost')
    or diag explain $ours->status_of(writer => 'rrdcached');
  like($ours->log, qr{rrdcached does not take a value of .*/h/p/gauge\.rrd: No such file}, 'and it is said why');
  is_deeply([files_below("$dir/data")], [], 'and nothing is made');
  run('mkdir', '-p', "$dir/data/h/p");
  like(rrdtool('create', "$dir/data/h/p/gauge.rrd", '--start', $begin, '--step', 10, 'DS:value:GAUGE:20:U:U', 'RRA:AVERAGE:0.1:1:10'), qr/^$/, 'a file is made by hand');
  put($ours, "h/p/gauge interval=10 " . ($begin + 10) . ":0.0000001");
  ok(eventually(sub { ask("$dir/socket", "PENDING $dir/data/h/p/gauge.rrd") =~ /:1e-07$/m }), 'and takes values, small ones as well');
  is($_->stop, 0, 'stopped') for $ours, $cache;
};

subtest 'an address that cannot be one stops the plugin alone' => sub {
  my $dir = workdir();
  my $config = spit("$dir/conf", "PluginDir \"$BUILD/plugins\"\nTypesDB \"$SOURCE/etc/types.db\"\n" . config($dir, "  DaemonAddress \"[::1\"\n"));
  my ($status, $out, $err) = run($VITALD, '-t', '-C', $config);
  is($status, 1, 'it would start with problems');
  like("$out$err", qr/conf:\d+.*DaemonAddress wants unix/s, 'and says what is wrong') or diag $out, $err;
};

done_testing;
