# SPDX-License-Identifier: MIT
package FarEnd;

# A network of hosts that answer echo requests as a test wants it: late, not always, or never. It
# is the far end of a TUN device in the present network namespace.
#
#     my $far = FarEnd->new(
#         address => ['10.77.0.1/24', 'fd77::1/64'],
#         hosts => {'10.77.0.2' => sub { my ($sequence, $size, $ttl) = @_; return 0.02 }});
#     # a host's sub returns after how many seconds to reply, undef for never; it may ask for the
#     # packet's size and time to live, too

use strict;
use warnings;
use Fcntl qw(O_RDWR);
use POSIX ();
use Socket qw(inet_pton AF_INET AF_INET6);
use Time::HiRes qw(time);

use constant {TUNSETIFF => 0x400454ca, IFF_TUN => 0x0001, IFF_NO_PI => 0x1000};

sub new {
  my ($class, %given) = @_;
  my $self = bless {pid => 0, device => 'far0'}, $class;
  $self->{hosts} = {
    map { inet_pton(/:/ ? AF_INET6 : AF_INET, $_) => $given{hosts}{$_} } keys %{$given{hosts}}
  };
  sysopen $self->{tun}, '/dev/net/tun', O_RDWR or die "/dev/net/tun: $!\n";
  my $request = pack 'a16 s x22', $self->{device}, IFF_TUN | IFF_NO_PI;
  ioctl $self->{tun}, TUNSETIFF, $request or die "TUNSETIFF: $!\n";
  for my $address (@{$given{address}}) {
    my @no_check = $address =~ /:/ ? 'nodad' : ();
    command('ip', 'address', 'add', $address, 'dev', $self->{device}, @no_check);
  }
  command('ip', 'link', 'set', $self->{device}, 'up');
  $self->{pid} = fork // die "fork: $!\n";
  return $self if $self->{pid};
  $self->serve;
  POSIX::_exit(0);
}

sub DESTROY {
  my ($self) = @_;
  return if !$self->{pid};
  local $?;
  kill KILL => $self->{pid};
  waitpid $self->{pid}, 0;
}

sub command {
  system(@_) == 0 or die "@_ failed\n";
}

sub serve {
  my ($self) = @_;
  my $parent = getppid;
  my @due;    # [when, packet], the next first
  while (getppid == $parent) {
    my $wait = @due ? $due[0][0] - time : 1;
    my $ready = '';
    vec($ready, fileno $self->{tun}, 1) = 1;
    if (select($ready, undef, undef, $wait > 0 ? $wait : 0) > 0) {
      sysread $self->{tun}, my $packet, 65536 or last;
      my ($reply, $delay) = $self->answer($packet);
      push @due, [time + $delay, $reply] if defined $delay;
      @due = sort { $a->[0] <=> $b->[0] } @due;
    }
    while (@due && $due[0][0] <= time) {
      syswrite $self->{tun}, (shift @due)->[1];
    }
  }
}

# The reply to an echo request, and after how many seconds it comes.
sub answer {
  my ($self, $packet) = @_;
  my $six = (ord($packet) >> 4) == 6;
  my ($from, $size, $icmp) = $six ? (8, 16, 40) : (12, 4, 4 * (ord($packet) & 15));
  return if ord(substr $packet, $six ? 6 : 9, 1) != ($six ? 58 : 1);    # not ICMP
  my ($type, $code, $sum, $number, $sequence) = unpack 'C C n n n', substr $packet, $icmp, 8;
  return if $type != ($six ? 128 : 8);    # no echo request
  my ($source, $target) = (substr($packet, $from, $size), substr($packet, $from + $size, $size));
  my $host = $self->{hosts}{$target} or return;
  substr($packet, $from, 2 * $size) = $target . $source;
  # Only the type changes, so the checksum does by as much, the other way round (RFC 1624).
  my $reply_type = $six ? 129 : 0;
  my $new = (~$sum & 0xffff) + (~($type << 8) & 0xffff) + ($reply_type << 8);
  $new = ($new & 0xffff) + ($new >> 16) for 1 .. 2;
  substr($packet, $icmp, 4) = pack 'C C n', $reply_type, $code, ~$new & 0xffff;
  my $ttl = ord(substr $packet, $six ? 7 : 8, 1);
  return ($packet, $host->($sequence, length $packet, $ttl));
}

1;
