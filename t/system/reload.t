#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A changed configuration takes over while values flow: what did not change is not touched, what is
# wrong changes nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::UNIX;
use Test::More;
use Time::HiRes qw(sleep time);
use Vital;

# The daemon's configuration with other plugins; what start_vitald() put in front stays.
sub rewrite {
  my ($daemon, $config) = @_;
  my ($head) = slurp($daemon->{config}) =~ /\A((?:(?:Interval|BaseDir|PluginDir|ControlSocket|TypesDB|Hostname) .*\n)*)/;
  $daemon->{head} //= $head;
  spit($daemon->{config}, $daemon->{head} . $config);
}

sub vitalctl { my ($daemon, @arguments) = @_; return run($VITALCTL, '-s', $daemon->socket, @arguments) }

sub csv_lines {
  my ($dir, $name) = @_;
  return map { split(/\n/, slurp("$dir/$_")) } grep { m{/\Q$name\E-\d+-\d+-\d+$} } files_below($dir);
}

my $plugins = "LoadPlugin load\nLoadPlugin csv\n<Plugin csv>\n  DataDir \"%s\"\n</Plugin>\n";

subtest 'what a reload would change' => sub {
  my $daemon = start_vitald(sprintf($plugins, 'a'));
  my ($status, $out, $err) = vitalctl($daemon, 'diff');
  is($status, 0, 'nothing: exit 0');
  is($out, '', 'and nothing is said');
  rewrite($daemon, "Timeout 5\nLoadPlugin memory\nLoadPlugin csv\n<Plugin csv>\n  DataDir \"b\"\n</Plugin>\n");
  ($status, $out, $err) = vitalctl($daemon, 'diff');
  is($status, 1, 'something: exit 1');
  is($out, <<'END', 'plugins and options by name');
~ Timeout: 2 (default) -> 5
+ plugin memory
~ plugin csv
    DataDir: "a" -> "b"
- plugin load
END
  my $other = spit($daemon->dir . '/other.conf', slurp($daemon->{config}) =~ s/memory/uptime/r);
  ($status, $out, $err) = vitalctl($daemon, 'diff', $other);
  like($out, qr/^\+ plugin uptime$/m, 'another file can be asked about');
  spit($other, "LoadPlugin {\n");
  ($status, $out, $err) = vitalctl($daemon, 'diff', $other);
  is($status, 2, 'one that would be refused: exit 2');
  like($err, qr/other\.conf:1:13: fatal/, 'and why');
  ok(eventually(sub { grep { /load/ } $daemon->names }), 'the daemon runs as before');
};

subtest 'only what changed is exchanged' => sub {
  my $daemon = start_vitald("LoadPlugin cpu\nLoadPlugin uptime\nCollectInternalStats true\n" . sprintf($plugins, 'a'));
  ok(eventually(sub { csv_lines($daemon->dir . '/a', 'load') >= 3 }), 'values arrive');
  my $before = $daemon->status_of('reader', 'cpu');
  my $written = $daemon->status_of('writer', 'csv')->{submitted};
  rewrite($daemon, "LoadPlugin cpu\nLoadPlugin memory\nCollectInternalStats true\n" . sprintf($plugins, 'b'));
  my ($status, $out, $err) = vitalctl($daemon, 'reload');
  is($status, 0, 'reload: exit 0') or diag $err;
  like($out, qr/^~ plugin csv\n    DataDir: "a" -> "b"\n- plugin uptime\nReload done\.$/m, 'and what changed');
  ok(eventually(sub { csv_lines($daemon->dir . '/b', 'load') >= 4 }), 'the new writer writes');
  my $after = $daemon->status_of('reader', 'cpu');
  cmp_ok($after->{reads}, '>', $before->{reads}, 'an unchanged reader goes on counting');
  is($after->{missed}, 0, 'and missed nothing');
  ok(!$daemon->status_of('reader', 'uptime'), 'a removed one is gone');
  ok($daemon->status_of('reader', 'memory'), 'a new one is there');
  cmp_ok($daemon->status_of('writer', 'csv')->{submitted}, '>', $written, 'the writer goes on counting');
  my @stamps = grep { !/epoch/ } map { (split /,/)[0] } csv_lines($daemon->dir . '/a', 'load'), csv_lines($daemon->dir . '/b', 'load');
  my ($first, @rest) = sort { $a <=> $b } @stamps;
  my @gaps = grep { $stamps[$_ + 1] - $stamps[$_] != 1 } 1 .. $#stamps - 1;
  is("@gaps", '', 'between both files no tick is missing and none is twice');
};

subtest 'a new interval, flush settings, globals' => sub {
  my $daemon = start_vitald("LoadPlugin load\nLoadPlugin uptime\nLoadPlugin write_log\n");
  rewrite($daemon, "MaxReadInterval 60\nTimeout 7\n<LoadPlugin load>\n  Interval 0.2\n</LoadPlugin>\nLoadPlugin uptime\nLoadPlugin write_log\n");
  my ($status, $out) = vitalctl($daemon, 'reload');
  is($status, 0, 'taken over');
  ok(eventually(sub { $daemon->status_of('reader', 'load')->{reads} >= 8 }), 'the reader comes more often');
  is($daemon->status_of('reader', 'uptime')->{interval}, '1.000', 'the other does not');
};

subtest 'what is wrong changes nothing' => sub {
  my $good = sprintf($plugins, 'a');
  my $dir = workdir();
  my $types = spit("$dir/types.db", slurp("$SOURCE/etc/types.db"));
  my $daemon = start_vitald("LoadPlugin mysql\n$good", dir => $dir, types => $types);
  ok(eventually(sub { $daemon->status_of('reader', 'load')->{state} eq 'ok' }), 'it runs');
  my ($status, $out, $err);
  for my $case (
    ['a syntax error', "$good<Plugin load>\n", qr/vitald\.conf:\d+:1: fatal: block <Plugin> is never closed/],
    ['a plugin that is not there', "LoadPlugin nonsense\n$good", qr/vitald\.conf:7:12: error: there is no plugin "nonsense"/],
    ['a value that makes no sense', "$good<Plugin csv>\n  StoreRates maybe\n</Plugin>\n", qr/vitald\.conf:13:14: error: StoreRates wants true or false/],
    ['a plugin that cannot be made', "LoadPlugin memory\nLoadPlugin users\n$good", qr/plugin users cannot run here: the types databases have no type "users"/],
    ) {
    my ($name, $config, $why) = @$case;
    spit($types, slurp("$SOURCE/etc/types.db") =~ s/^users\s.*$//mr) if $name =~ /made/;
    rewrite($daemon, $config);
    ($status, $out, $err) = vitalctl($daemon, 'reload');
    is($status, 255, "$name: exit 255");
    like($err, $why, 'and why');
    ok(!$daemon->status_of('reader', 'memory'), 'nothing of it runs');
    is($daemon->status_of('reader', 'load')->{state}, 'ok', 'the old runs');
  }
  like($daemon->ask_it('PUTVAL h/users/users N:1'), qr/^0 Success/, 'and has the types that it had');
  spit($types, slurp("$SOURCE/etc/types.db"));
  rewrite($daemon, "LoadPlugin mysql\nLoadPlugin memory\n$good");
  ($status, $out, $err) = vitalctl($daemon, 'reload');
  is($status, 0, 'a mistake that was there before does not keep others from being mended') or diag $err;
  ok(eventually(sub { grep { m{memory/} } $daemon->names }), 'and the new plugin runs');
};

subtest 'a configuration of a relative path is found again' => sub {
  my $start = workdir();
  my $vitald = start_vitald('', args => ['-C', 'here.conf'], wait => 0, dir => workdir(),
    through => ['sh', '-c', 'cd "$0" && until [ -e here.conf ]; do sleep 0.1; done && exec "$@"', $start]);
  my $text = slurp($vitald->{config});
  spit("$start/more.conf", "LoadPlugin uptime\n");
  spit("$start/here.conf", $text . qq{LoadPlugin load\nInclude "more.conf"\n});
  ok(eventually(sub { $vitald->log =~ /entering read-loop/ }), 'it starts');
  spit("$start/more.conf", "LoadPlugin memory\n");
  my ($status, $said) = vitalctl($vitald, 'reload');
  is($status, 0, 'it reloads') or diag $said;
  like($said, qr/\+ plugin memory/, 'what was included changed');
  unlike($vitald->log, qr/forbidden/, 'and no system call was missing');
  is($vitald->stop, 0, 'it stops');
};

subtest 'SIGHUP reloads, and opens the log files anew' => sub {
  my $log = "LoadPlugin logfile\n<Plugin logfile>\n  File \"log\"\n</Plugin>\nLoadPlugin load\n";
  my $daemon = start_vitald($log, wait => 0);
  my $file = $daemon->dir . '/log';
  ok(eventually(sub { (slurp($file) // '') =~ /entering read-loop/ }), 'it runs');
  rename($file, "$file.1");
  kill('HUP', $daemon->pid);
  ok(eventually(sub { (slurp($file) // '') =~ /Nothing has changed\./ }), 'nothing has changed');
  rewrite($daemon, "LoadPlugin uptime\n$log");
  kill('HUP', $daemon->pid);
  ok(eventually(sub { slurp($file) =~ /reload: \+ plugin uptime\n.*Reload done\./s }), 'what has changed is in the log');
  rewrite($daemon, "LoadPlugin cpuu\n$log");
  kill('HUP', $daemon->pid);
  ok(eventually(sub { slurp($file) =~ /reload: .*vitald\.conf:\d+:12: error: there is no plugin "cpuu".*\n.*Reload refused; the old configuration goes on/ }),
    'what is wrong as well');
};

subtest 'sockets that did not change stay open' => sub {
  my $unixsock = "DropCapabilities false\nLoadPlugin unixsock\n<Plugin unixsock>\n  SocketFile \"%s\"\n  SocketPerms \"%s\"\n</Plugin>\nLoadPlugin csv\n";
  my $daemon = start_vitald("DropCapabilities false\n");
  my $path = $daemon->dir . '/clients.sock';
  rewrite($daemon, sprintf($unixsock, $path, '0600'));
  is((vitalctl($daemon, 'reload'))[0], 0, 'a socket is added');
  my $client = IO::Socket::UNIX->new(Peer => $path) or die "$path: $!";
  my $inode = (stat $path)[1];
  rewrite($daemon, "LoadPlugin load\n" . sprintf($unixsock, $path, '0600'));
  vitalctl($daemon, 'reload');
  is((stat $path)[1], $inode, 'it stays when something else changes');
  rewrite($daemon, sprintf($unixsock, $path, '0622'));
  vitalctl($daemon, 'reload');
  is(sprintf('%o', (stat $path)[2] & 0777), '622', 'it is made anew when it changes');
  print $client "PUTVAL \"h/p/gauge\" N:1\n";
  like(scalar <$client>, qr/^0 Success/, 'clients that are connected stay');
  like(ask($path, 'RELOAD'), qr/^-1 .*only for the daemon's own control socket/, 'RELOAD is not for everybody');
};

subtest 'types' => sub {
  my $dir = workdir();
  my $db = spit("$dir/types.db", slurp("$SOURCE/etc/types.db"));
  my $daemon = start_vitald("TypesDB \"$db\"\nLoadPlugin load\nLoadPlugin csv\n", dir => $dir);
  like($daemon->ask_it('PUTVAL h/p/mine N:1'), qr/^-1 .*mine.*defined/, 'an unknown type');
  spit($db, slurp("$SOURCE/etc/types.db") . "mine value:GAUGE:0:U\n");
  my ($status, $out) = vitalctl($daemon, 'reload');
  like($out, qr/^\+ types added: mine$/m, 'is added');
  unlike($out, qr/plugin/, 'without any plugin being touched');
  like($daemon->ask_it('PUTVAL h/p/mine N:1'), qr/^0 Success/, 'and known');
  spit($db, slurp($db) =~ s/^load .*$/load shortterm:GAUGE:0:1, midterm:GAUGE:0:1, longterm:GAUGE:0:1/mr);
  ($status, $out) = vitalctl($daemon, 'reload');
  like($out, qr/^~ types changed: load\n~ plugin load$/m, 'a type defined anew reaches its reader');
};

subtest 'a hanging writer holds up nobody' => sub {
  my $daemon = start_vitald("LoadPlugin load\nLoadPlugin uptime\nLoadPlugin csv\n<Plugin csv>\n  DataDir \"a\"\n</Plugin>\n");
  ok(eventually(sub { csv_lines($daemon->dir . '/a', 'load') >= 2 }), 'values arrive');
  # A pipe that nobody reads stands where the day's file would be: the next open(2) hangs.
  my ($date) = `date +%F` =~ /(\S+)/;
  my $dir = $daemon->dir . '/b/localhost/load';
  system('mkdir', '-p', $dir);
  system('mkfifo', "$dir/load-$date") == 0 or die 'mkfifo';
  rewrite($daemon, "LoadPlugin load\nLoadPlugin uptime\nLoadPlugin csv\n<Plugin csv>\n  DataDir \"b\"\n</Plugin>\n");
  vitalctl($daemon, 'reload');
  ok(eventually(sub { $daemon->status_of('writer', 'csv')->{queued} > 2 }), 'the new writer hangs');
  rewrite($daemon, sprintf($plugins, 'c') . "LoadPlugin uptime\n");
  my $begin = time;
  my ($status) = vitalctl($daemon, 'reload');
  is($status, 0, 'it can be replaced');
  cmp_ok(time - $begin, '<', 3, 'at once');
  ok(eventually(sub { csv_lines($daemon->dir . '/c', 'uptime') >= 4 } , 20), 'and what waited for it is written');
  is($daemon->status_of('reader', 'load')->{missed}, 0, 'no tick was missed');
  open(my $drain, '+<', "$dir/load-$date") or die $!;
  ok(eventually(sub { my $writer = $daemon->status_of('writer', 'csv'); $writer->{queued} <= 2 && $writer->{dropped} == 0 }),
    'no value was lost');
};

done_testing;
