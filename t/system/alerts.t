#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What a person sees and does when something is wrong: vitalctl alerts, vitalctl silence.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Time::HiRes qw(time);
use Vital;

my $dir = workdir();
my $config = "LoadPlugin logfile\nLoadPlugin threshold\n<Plugin logfile>\n LogLevel info\n File \"$dir/log\"\n</Plugin>\n"
  . "<Plugin threshold>\n<Type gauge>\n WarningMax 10\n FailureMax 20\n</Type>\n</Plugin>\n";

sub start {
  my $daemon = start_vitald($config, dir => $dir, wait => 0);
  eventually { $daemon->ask_it('LISTVAL') =~ /found/ } or BAIL_OUT($daemon->log);
  return $daemon;
}
sub said { return scalar(grep { /Notification:/ } split(/\n/, slurp("$dir/log") // '')) }
my $step = 0;
sub put { my ($daemon, $name, $value) = @_; return $daemon->ask_it("PUTVAL $name interval=1000 " . (time + 0.01 * $step++) . ":$value") }
sub vitalctl { my ($status, $out, $err) = run($VITALCTL, '-s', "$dir/vitald.sock", @_); return wantarray ? ($status, $out, $err) : $out }

my $daemon = start();
is(vitalctl('alerts'), "Nothing is wrong.\n", 'nothing is wrong at first');
put($daemon, 'web1/p/gauge-a', 15);
put($daemon, 'web2/p/gauge-a', 25);
ok((eventually { said() == 2 }), 'two alerts fire');
my @lines = split(/\n/, vitalctl('alerts'));
like($lines[0], qr{^FAILURE  since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  web2/p/gauge-a$}, 'the worst comes first');
like($lines[1], qr{^    Host web2, plugin p type gauge \(instance a\): Data source "value" is currently 25\.0+\. That is above the failure threshold of 20\.0+\.$}, 'and why');
like($lines[2], qr{^WARNING  since .*  web1/p/gauge-a$}, 'then the other');
like(scalar $daemon->ask_it('ALERTS'), qr{^2 Alerts found\nFAILURE since=\d+ identifier=web2/p/gauge-a message="Host web2, [^\n]*\\"value\\"[^\n]*"\nWARNING since=\d+ identifier=web1}, 'programs read the same');

is((vitalctl('silence'))[1], '', 'there is no silence');
is(vitalctl('silence', 'web1/*', '1h', 'new', 'kernel'), "Silence 1\n", 'one is made');
like(vitalctl('silence'), qr{^1    until \S+ \S+  web1/\*  new kernel$}m, 'it is listed');
like(vitalctl('alerts'), qr{web1/p/gauge-a  \(silence 1\)}, 'alerts show it');
put($daemon, 'web1/p/gauge-b', 50);
put($daemon, 'web2/p/gauge-b', 50);
ok((eventually { said() == 3 }), 'a silenced notification does not come, others do');
is($daemon->stop, 0, 'the daemon stops');

$daemon = start();
like(vitalctl('silence'), qr{web1/\*  new kernel}, 'a silence survives a restart');
put($daemon, 'web1/p/gauge-b', 1);
put($daemon, 'web2/p/gauge-b', 1);
ok((eventually { said() == 4 }), 'the end of what was silenced is silent, too');
put($daemon, 'web1/p/gauge-c', 50);
is(vitalctl('silence', 'end', '1'), "Silence 1 is over\n", 'it is ended');
ok((eventually { said() == 5 }), 'what began in silence and goes on is said when that is over');
like(slurp("$dir/log"), qr{type_instance = c.*50\.0+[^\n]*\n\z}, 'and nothing else');
is(vitalctl('silence'), '', 'the silence is gone');

for (['silence', 'x'], ['silence', 'x', 'soon'], ['silence', 'end'], ['silence', 'end', '99'], ['silence', 'end', 'x'], ['alerts', 'x']) {
  my ($status, undef, $err) = vitalctl(@$_);
  ok($status == 255 && $err =~ /^ERROR: /, "@$_ is refused");
}
is(vitalctl('silence', '*', '2'), "Silence 2\n", 'a short one');
put($daemon, 'web3/p/gauge', 50);
ok((eventually { said() == 6 } 15), 'it ends by itself, and what fires is said');
# A reload that changes the thresholds keeps what they know; chains come and go with it.
my $before = said();
my $alerts = vitalctl('alerts');
my $text = slurp($daemon->{config});
spit($daemon->{config}, ($text =~ s/WarningMax 10/WarningMax 11/r)
  . "LoadPlugin match_regex\n<Chain \"PreCache\">\n<Rule>\n<Match regex>\n Host \"^drop\"\n</Match>\nTarget stop\n</Rule>\n</Chain>\n");
like(vitalctl('reload'), qr/^\+ chain PreCache$/m, 'a reload brings a chain');
is(vitalctl('alerts'), $alerts, 'alerts go on behind it');
put($daemon, 'web3/p/gauge', 50);
put($daemon, 'web3/p/gauge-new', 11);
put($daemon, 'drop/p/gauge', 50);
put($daemon, 'web3/p/gauge-last', 50);
ok((eventually { said() > $before }), 'what is new is said');
is(said(), $before + 1, 'what was said is not');
is(scalar(grep { m{^drop/} } $daemon->names), 0, 'the chain works');
spit($daemon->{config}, $text . "<Chain \"PreCache\">\n<Rule>\n<Match regex>\n</Match>\nTarget stop\n</Rule>\n</Chain>\n");
is((vitalctl('reload'))[0], 255, 'a chain that is wrong is refused');
put($daemon, 'drop/p/gauge', 50);
is(scalar(grep { m{^drop/} } $daemon->names), 0, 'and the old one goes on');
spit($daemon->{config}, $text);
like(vitalctl('reload'), qr/^- chain PreCache$/m, 'a reload takes it away');
put($daemon, 'drop/p/gauge', 5);
is(scalar(grep { m{^drop/} } $daemon->names), 1, 'then everything passes');
my $status = $daemon->status_of('pipeline', 'values');
cmp_ok($status->{silenced}, '>=', 3, 'what was silenced is counted');

# Nobody waits for StateInterval: what was silenced is on disk.
sub kill_and_start {
  kill('KILL', $daemon->pid);
  is($daemon->wait_for_end, 'signal 9', 'the daemon is killed');
  $daemon = start();
}
sub on_disk { return slurp("$dir/vitald.state.now") // '' }
is(vitalctl('silence', 'x/*', '1h', 'to stay'), "Silence 3\n", 'a silence');
is(vitalctl('silence', 'y/*', '1h', 'to go'), "Silence 4\n", 'another one');
ok((eventually { on_disk() =~ /to go/ }), 'is on disk at once');
kill_and_start();
like(vitalctl('silence'), qr{\A3 .* x/\*  to stay\n4 .* y/\*  to go\n\z}, 'and survives with the one before');
is(vitalctl('silence', 'end', '4'), "Silence 4 is over\n", 'it is ended');
ok((eventually { on_disk() =~ /to stay/ && on_disk() !~ /to go/ }), 'which is on disk as well');
kill_and_start();
like(vitalctl('silence'), qr{\A3 [^\n]*\n\z}, 'so that it does not come back');
is($daemon->stop, 0, 'the daemon stops');
done_testing();
