# SPDX-License-Identifier: MIT
# The table that bench/run prints: figures of several windows, their ratios, and the goals.
package Table;
use strict;
use warnings;
use Exporter qw(import);
use List::Util qw(min max);

our @EXPORT = qw(median figures ratios goal goals_table);

sub median { my @sorted = sort { $a <=> $b } @_; return @sorted ? $sorted[$#sorted / 2] : 0 }

# "median (least-most)"
sub figures {
  my ($format, @values) = @_;
  return '-' if !@values;
  return sprintf($format, $values[0]) if @values == 1;
  return sprintf("$format ($format-$format)", median(@values), min(@values), max(@values));
}

# Those of the windows side by side; none when the other's is 0.
sub ratios {
  my ($ours, $theirs) = @_;
  return if grep { !$_ } @$theirs;
  return map { $ours->[$_] / $theirs->[$_] } 0 .. min($#$ours, $#$theirs);
}

my @goals;

# Remembers a goal: what, the figures that should not be above it, it, and how it is printed.
sub goal {
  my ($what, $values, $goal, $format) = @_;
  push @goals, {what => $what, values => $values, goal => $goal, format => $format} if @$values;
}

sub goals_table {
  printf("\n%-60s %10s %10s %10s %10s\n", 'goals: the median is to be at most', 'least', 'median', 'most', 'goal');
  my $missed = 0;
  for my $goal (@goals) {
    my $met = median(@{$goal->{values}}) <= $goal->{goal};
    ++$missed if !$met;
    my @numbers = (min(@{$goal->{values}}), median(@{$goal->{values}}), max(@{$goal->{values}}), $goal->{goal});
    printf("  %-58s %10s %10s %10s %10s  %s\n", $goal->{what}, map({ sprintf($goal->{format}, $_) } @numbers), $met ? 'met' : 'NOT met');
  }
  print @goals - $missed, ' of ', scalar(@goals), " goals are met\n";
}

1;
