#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Replacing the server: an unmodified collectd sends to a server, be it collectd or vitald, that writes
# RRD files, and the trees of both are alike, file for file.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);
use Vital;

need('collectd', 'rrdtool');

sub free_port {
  my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die $!;
  return $socket->sockport;
}
sub rrdtool { my ($status, $out, $err) = run('rrdtool', @_); return $status == 0 ? $out : "failed: $err" }
# What is not about the structure, and the row in which librrd happened to begin.
sub structure {
  return join("\n", grep { !/^(filename|last_update)|\.(last_ds|value|unknown_sec|cur_row|unknown_datapoints) =/ }
      split(/\n/, rrdtool('info', $_[0])));
}

my %dir = map { $_ => workdir() } qw(collectd vitald);
my %port = map { $_ => free_port() } keys %dir;
sub server {
  my ($which) = @_;
  return "TypesDB \"$SOURCE/etc/types.db\"\nLoadPlugin rrdtool\n<Plugin rrdtool>\n  DataDir \"$dir{$which}/rrd\"\n</Plugin>\n"
    . "LoadPlugin network\n<Plugin network>\n  Listen \"127.0.0.1\" \"$port{$which}\"\n</Plugin>\n";
}
my %server = (
  collectd => start_collectd("WriteThreads 1\n" . server('collectd'), interval => 10),
  vitald => start_vitald(server('vitald'), interval => 10),
);
# Its own readers as well as values of all kinds; one thread, so that the order is kept.
my $client = start_collectd("WriteThreads 1\nTypesDB \"$SOURCE/etc/types.db\"\nHostname \"client\"\nLoadPlugin load\n"
  . "LoadPlugin memory\nLoadPlugin cpu\nLoadPlugin interface\nLoadPlugin network\n<Plugin network>\n"
  . join('', map { "  Server \"127.0.0.1\" \"$port{$_}\"\n" } sort keys %port) . "</Plugin>\n", interval => 10);

my $begin = int(time / 3600 - 1) * 3600;
my @values = map {
  my $t = $begin + 10 * $_;
  ("alpha/kinds/gauge interval=10 $t:$_.5", "alpha/kinds/counter interval=10 $t:" . 4294967290 * $_,
    "alpha/kinds/derive-a interval=10 $t:-" . 5 * $_, "alpha/kinds/absolute interval=10 $t:" . 7 * $_,
    "beta.example.org/if-eth0/if_octets interval=10 $t:" . 1000 * $_ . ':' . 500 * $_,
    "beta.example.org/load/load interval=60 " . ($begin + 60 * $_) . ':0.25:U:1')
} 1 .. 12;
my @answers = $client->ask_it(map { "PUTVAL $_" } @values);
is(scalar(grep { /^0 / } @answers), scalar @values, 'the client takes the values');
my @put = ((map { "alpha/kinds/$_.rrd" } qw(absolute counter derive-a gauge)), 'beta.example.org/if-eth0/if_octets.rrd',
  'beta.example.org/load/load.rrd');
my $last = $begin + 720;
ok(eventually(sub {
  $client->ask_it('FLUSH plugin=network');
  2 == grep { (rrdtool('last', "$dir{$_}/rrd/beta.example.org/load/load.rrd") =~ /^(\d+)/ ? $1 : 0) == $last } keys %dir
}, 30), 'both servers have all of them');
# The client's own come with them, in one tick.
ok(eventually(sub {
  $client->ask_it('FLUSH plugin=network');
  my @trees = map { join("\n", files_below("$dir{$_}/rrd/client")) } keys %dir;
  $trees[0] eq $trees[1] && $trees[0] =~ m{load/load\.rrd} && $trees[0] =~ m{memory/} && $trees[0] =~ m{cpu-0/}
}, 30), 'and the same files of the client itself');
is($client->stop(undef, 30), 0, 'stopped');
ok(eventually(sub { join("\n", files_below("$dir{vitald}/rrd")) eq join("\n", files_below("$dir{collectd}/rrd")) }, 20),
  'the trees have the same files');
is($server{$_}->stop(undef, 30), 0, 'stopped') for sort keys %server;
my @files = files_below("$dir{collectd}/rrd");
is_deeply([files_below("$dir{vitald}/rrd")], \@files, 'also at the end');
for my $file (@files) {
  is(structure("$dir{vitald}/rrd/$file"), structure("$dir{collectd}/rrd/$file"), "$file is made alike");
}
for my $file (@put) {
  my @dumps = map { rrdtool('dump', "$dir{$_}/rrd/$file") } qw(vitald collectd);
  ok($dumps[0] eq $dumps[1], "$file holds the same");
}

done_testing;
