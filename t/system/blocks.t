#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# One block that is wrong costs that block: an <Aggregation>, a threshold, a rule. The others of the same
# plugin or chain do their work, and what is wrong is said with file and line.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Vital;

my $sum = "Plugin \"a\"\nType \"gauge\"\nGroupBy \"Host\"\nCalculateSum true\n";
my $config = <<"END";
CollectInternalStats false
LoadPlugin aggregation
LoadPlugin threshold
LoadPlugin match_regex
<Plugin aggregation>
<Aggregation>
$sum</Aggregation>
<Aggregation>
Type "gauge"
GroupBy "Hots"
CalculateSum true
</Aggregation>
<Aggregation>
${sum}SetPlugin "x"
CalculateMinimum maybe
</Aggregation>
<Aggregation>
${sum}Type "nosuch"
</Aggregation>
<Aggregation>
${sum}Type "load"
</Aggregation>
</Plugin>
<Plugin threshold>
<Type gauge>
FailureMax 10
</Type>
<Type users>
FailureMax many
</Type>
<Plugin "empty">
Instance "x"
</Plugin>
<Plugin "half">
<Type users>
Hits -1
</Type>
<Type gauge>
FailureMax 100
</Type>
</Plugin>
</Plugin>
<Chain "PreCache">
<Rule "wrong">
<Match regex>
Host "^a("
</Match>
Target stop
</Rule>
<Rule "right">
<Match regex>
Host "^drop"
</Match>
Target stop
</Rule>
</Chain>
END
my $vitald = start_vitald($config);
my @lines = split(/\n/, slurp($vitald->{config}));
sub line_of { my ($text) = @_; my ($at) = grep { $lines[$_] eq $text } 0 .. $#lines; return $at + 1 }
for my $case (['GroupBy "Hots"', 'GroupBy wants Host'], ['CalculateMinimum maybe', 'CalculateMinimum wants true or false'], ['Type "nosuch"', 'no type nosuch'],
  ['Type "load"', 'more than one data source'], ['FailureMax many', 'FailureMax wants a number'], ['<Plugin "empty">', 'there is no threshold in it'],
  ['Hits -1', 'Hits must be at least 0'], ['Host "^a("', 'Host has a regular expression that is wrong']) {
  my $line = line_of($case->[0]);
  like($vitald->log, qr/vitald\.conf:$line:\d+: .*$case->[1]/, "$case->[0] is said");
}
$vitald->ask_it("PUTVAL h/a/gauge-x interval=1000 N:5", "PUTVAL h/a/gauge-y interval=1000 N:50", "PUTVAL h/half/gauge interval=1000 N:50",
  "PUTVAL drop/a/gauge interval=1000 N:50", "PUTVAL abc/a/gauge-x interval=1000 N:5");
ok((eventually { $vitald->ask_it('GETVAL h/aggregation-a-sum/gauge') =~ /value=5\.5\d*e\+01/ }), 'the aggregation that is right works')
  or diag(join("\n", $vitald->names));
like(scalar $vitald->ask_it('ALERTS'), qr{^\d+ Alerts found\n.*identifier=h/a/gauge-y }s, 'the threshold that is right fires');
unlike(scalar $vitald->ask_it('ALERTS'), qr{half}, 'so does that beside a wrong one');
is(scalar(grep { m{^drop/} } $vitald->names), 0, 'the rule that is right works');
is(scalar(grep { $_ eq 'abc/a/gauge-x' } $vitald->names), 1, 'the one that is wrong does nothing');
# What was wrong at the start stands in nobody's way; what is wrong anew does.
my ($status, $out, $err) = run($VITALCTL, '-s', $vitald->socket, 'reload');
is($status, 0, 'a reload of the same is fine') or diag $out, $err;
spit($vitald->{config}, slurp($vitald->{config}) =~ s/(<Plugin aggregation>\n)/$1<Aggregation>\n${sum}Type "strange"\n<\/Aggregation>\n/r);
($status, $out, $err) = run($VITALCTL, '-s', $vitald->socket, 'reload');
isnt($status, 0, 'a reload with one more mistake is refused');
like($out . $err, qr/vitald\.conf:\d+:\d+: .*no type strange/, 'and says which');
is($vitald->stop, 0, 'stops');
done_testing;
