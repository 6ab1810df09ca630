#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Notifications that leave the host: by mail and by HTTP to servers on loopback, also ones that are down
# for a while, that refuse, and that come back only after the daemon was killed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64;
use Servers;
use Test::More;
use Time::HiRes qw(time);
use Vital;

$ENV{TZ} = 'UTC';
my $password = spit(workdir() . '/password', "secret\n");

sub put {
  my ($daemon, $severity, $message, $rest) = @_;
  $rest //= 'host=web1 plugin=df plugin_instance=root type=df_complex type_instance=free';
  is(scalar $daemon->ask_it("PUTNOTIF severity=$severity time=1700000000 $rest message=\"$message\""), '0 Success', "$severity: $message");
}

# What arrived, by the messages.
sub messages {
  my ($server) = @_;
  return join(' ', map { /(?:Message: |"message":")(\S+?)(?:"|\r)/ ? $1 : "?$_" } $server->got);
}

# What STATUS says of a notifier; nothing while the daemon is starting.
sub status { my ($daemon, $name) = @_; return $daemon->status_of('notifier', $name) // {} }

sub arrives {
  my ($server, $expected, $name) = @_;
  eventually { messages($server) eq $expected } 20;
  is(messages($server), $expected, $name);
}

my $fast = "RetryInterval 0.05\n  MaxRetryInterval 0.2";

subtest 'mail' => sub {
  my $smtp = smtp_server();
  my $vitald = start_vitald("LoadPlugin notify_email\n<Plugin notify_email>\n  SMTPServer \"127.0.0.1\"\n  SMTPPort "
      . $smtp->port . "\n  From \"me\@here\"\n  Recipient \"a\@b.c\"\n  Recipient \"d\@e.f\"\n  Subject \"X %s of %s\"\n  $fast\n</Plugin>\n");
  put($vitald, 'warning', 'first');
  arrives($smtp, 'first', 'arrives');
  my ($mail) = $smtp->got;
  $mail =~ s/^(Date|Message-Id): .*\r$/$1: ...\r/mg;
  is($mail, join("\r\n", "me\@here\na\@b.c,d\@e.f\nMIME-Version: 1.0", 'Content-Type: text/plain; charset="UTF-8"', 'Content-Transfer-Encoding: 8bit',
      'Subject: X WARNING of web1', 'Date: ...', 'From: me@here', 'Message-Id: ...', "To: a\@b.c,", "\td\@e.f", '',
      '2023-11-14 22:13:20 - WARNING@web1', '', 'Host: web1', 'Plugin: df', 'Plugin instance: root', 'Type: df_complex', 'Type instance: free', '',
      'Message: first', ''), 'as collectd sends it');
  $smtp->answer("RCPT TO:<a\@b.c>: 550 nobody here\n");
  put($vitald, 'failure', 'second');
  arrives($smtp, 'first second', 'a recipient that is refused keeps nothing from the other');
  like(($smtp->got)[1], qr/^me\@here\nd\@e\.f\n/, 'who gets it alone');
  $smtp->answer("DATA: 451 later\n");
  put($vitald, 'okay', 'third');
  put($vitald, 'okay', 'fourth');
  ok(eventually(sub { status($vitald, 'notify_email')->{state} ne 'ok' }), 'a server that cannot take it now');
  is(status($vitald, 'notify_email')->{queued}, 2, 'lets it wait');
  $smtp->answer('');
  arrives($smtp, 'first second third fourth', 'and gets it later, in order');
  $smtp->answer("DATA: 554 no\n");
  put($vitald, 'okay', 'fifth');
  ok(eventually(sub { (status($vitald, 'notify_email')->{dropped_refused} // 0) == 1 }), 'what is refused for good is counted');
  $smtp->answer('');
  put($vitald, 'okay', 'sixth');
  arrives($smtp, 'first second third fourth sixth', 'and keeps nothing back');
  my ($status, $table) = run($VITALCTL, '-s', $vitald->socket, 'status');
  like($table, qr/^notifier .*\nnotify_email +ok +6 +5 +0 +1 /m, 'vitalctl status shows it');
  is($vitald->stop, 0, 'stops');
};

subtest 'mail with a password' => sub {
  my $smtp = smtp_server(auth => encode_base64("\0joe\0secret", ''));
  my $config = "LoadPlugin notify_email\n<Plugin notify_email>\n  SMTPServer \"127.0.0.1\"\n  SMTPPort " . $smtp->port
    . "\n  SMTPUser \"joe\"\n  SMTPPasswordFile \"$password\"\n  Recipient \"a\@b.c\"\n  $fast\n</Plugin>\n";
  my $vitald = start_vitald($config);
  put($vitald, 'okay', 'secret');
  arrives($smtp, 'secret', 'of a file');
  $vitald->stop;
  $vitald = start_vitald($config =~ s/SMTPPasswordFile.*/SMTPPassword "wrong"/r);
  put($vitald, 'okay', 'wrong');
  ok(eventually(sub { status($vitald, 'notify_email')->{state} ne 'ok' }), 'a wrong one is no reason to drop anything');
  is(status($vitald, 'notify_email')->{queued}, 1, 'it waits');
  like($vitald->log, qr/notify_email: notifying fails: /, 'and the log says so');
  $vitald->stop;
};

subtest 'a server that does not speak TLS' => sub {
  my $smtp = smtp_server();
  my $vitald = start_vitald("LoadPlugin notify_email\n<Plugin notify_email>\n  SMTPServer \"127.0.0.1\"\n  SMTPPort "
      . $smtp->port . "\n  Recipient \"a\@b.c\"\n  TLS required\n  $fast\n</Plugin>\n");
  put($vitald, 'okay', 'plain');
  ok(eventually(sub { status($vitald, 'notify_email')->{state} ne 'ok' }), 'gets nothing where TLS is required');
  is(scalar(my @got = $smtp->got), 0, 'really nothing');
  $vitald->stop;
};

subtest 'HTTP' => sub {
  my $http = http_server();
  my $chat = http_server();
  my $alerts = http_server();
  my $token = spit(workdir() . '/token', "abc123\n");
  my $vitald = start_vitald("LoadPlugin notify_http\n<Plugin notify_http>\n"
      . "  <Node \"all\">\n    URL \"http://127.0.0.1:" . $http->port . "/notify\"\n    Header \"X-Site: test\"\n    $fast\n  </Node>\n"
      . "  <Node \"chat\">\n    URL \"http://127.0.0.1:" . $chat->port . "/hook\"\n    TokenFile \"$token\"\n"
      . "    Body \"{\\\"text\\\": \\\"%{severity} on %{host}: %{message}\\\"}\"\n    $fast\n  </Node>\n"
      . "  <Node \"am\">\n    URL \"http://127.0.0.1:" . $alerts->port . "/api/v2/alerts\"\n    Format Alertmanager\n    $fast\n  </Node>\n"
      . "</Plugin>\n");
  put($vitald, 'warning', 'one');
  arrives($http, 'one', 'arrives');
  my ($request) = $http->got;
  like($request, qr{^POST /notify HTTP/1\.1\r\n}, 'as a POST');
  like($request, qr{^Content-Type: application/json\r$}m, 'of JSON');
  like($request, qr{^X-Site: test\r$}m, 'with our header');
  like($request, qr/\r\n\r\n\Q{"severity":"WARNING","time":1700000000.000,"host":"web1","plugin":"df","plugin_instance":"root",\E/, 'and everything');
  ok(eventually(sub { $chat->got }), 'the chat hears');
  like(($chat->got)[0], qr/\r\nAuthorization: Bearer abc123\r\n/, 'with the token of the file');
  like(($chat->got)[0], qr/\r\n\r\n\{"text": "WARNING on web1: one"\}$/, 'what the template says');
  ok(eventually(sub { $alerts->got }), 'Alertmanager hears');
  like(($alerts->got)[0], qr/"severity":"warning".*"startsAt":"2023-11-14T22:13:20\.000Z"/, 'that a warning begins');
  $chat->answer('400 Bad Request');
  $http->answer('503 Busy');
  put($vitald, 'failure', 'two');
  ok(eventually(sub { (status($vitald, 'notify_http/chat')->{dropped_refused} // 0) == 1 }), 'what is refused is counted');
  ok(eventually(sub { status($vitald, 'notify_http/all')->{state} ne 'ok' }), 'a busy server is asked again');
  $http->answer('');
  arrives($http, 'one two', 'and gets it');
  my @alerts = $alerts->got;
  ok(eventually(sub { @alerts = $alerts->got; @alerts == 2 }), 'each address has its own queue');
  is($vitald->stop, 0, 'stops');
};

# Down, the daemon killed, up again: everything comes once at least, in order, by the journal.
for my $kind ('mail', 'HTTP') {
  subtest "$kind: a server that is down while the daemon dies" => sub {
    my $server = $kind eq 'mail' ? smtp_server() : http_server();
    my $name = $kind eq 'mail' ? 'notify_email' : 'notify_http/far';
    my $queue = "RetryInterval 0.05\n  MaxRetryInterval 0.2\n  <Journal>\n    SyncInterval 0.1\n  </Journal>\n";
    my $config = $kind eq 'mail'
      ? "LoadPlugin notify_email\n<Plugin notify_email>\n  SMTPServer \"127.0.0.1\"\n  SMTPPort " . $server->port
        . "\n  Recipient \"a\@b.c\"\n  $queue</Plugin>\n"
      : "LoadPlugin notify_http\n<Plugin notify_http>\n  <Node \"far\">\n  URL \"http://127.0.0.1:" . $server->port . "/\"\n  $queue</Node>\n</Plugin>\n";
    my $dir = workdir();
    my $vitald = start_vitald($config, dir => $dir);
    $server->down;
    put($vitald, 'warning', 'one');
    put($vitald, 'failure', 'two');
    ok(eventually(sub { status($vitald, $name)->{journal_values} == 2 }), 'they wait in the journal');
    ok(eventually(sub { status($vitald, $name)->{state} eq 'away' }), 'the server is away');
    ok(eventually(sub { grep { slurp("$dir/journal/$_") =~ /two/ } files_below("$dir/journal") }), 'they are on disk');
    kill('KILL', $vitald->pid);
    $vitald->wait_for_end;
    $vitald = start_vitald($config, dir => $dir);
    ok(eventually(sub { (status($vitald, $name)->{queued} // 0) == 2 }), 'the next one finds them');
    put($vitald, 'okay', 'three');
    $server->up;
    arrives($server, 'one two three', 'all arrive, the OKAY last');
    ok(eventually(sub { status($vitald, $name)->{delivered} == 3 }), 'and are counted');
    is($vitald->stop, 0, 'stops');
    $vitald = start_vitald($config, dir => $dir);
    ok(eventually(sub { defined status($vitald, $name)->{submitted} }), 'starts again');
    is(status($vitald, $name)->{submitted}, 0, 'none comes twice');
    $vitald->stop;
  };
}

subtest 'mistakes in the configuration' => sub {
  my %mistakes = (
    "<Plugin notify_email>\n  Subject \"%d\"\n  Recipient \"a\@b\"\n</Plugin>" => qr/Subject .*neither %s nor %%/,
    "<Plugin notify_email>\n  From \"a\@b\"\n</Plugin>" => qr/Recipient/,
    "<Plugin notify_email>\n  Recipient \"a b\"\n</Plugin>" => qr/Recipient is an address such as/,
    "<Plugin notify_http>\n  <Node \"x\">\n    URL \"http://localhost/\"\n    Body \"%{hots}\"\n  </Node>\n</Plugin>" => qr/Body has a %\{\.\.\.\}/,
    "<Plugin notify_http>\n  <Node \"x\">\n    Format JSON\n  </Node>\n</Plugin>" => qr/URL/,
    "<Plugin notify_http>\n  <Node \"x\">\n    URL \"http://localhost/\"\n    Header \"x\"\n  </Node>\n</Plugin>" => qr/Header is a header such as/,
  );
  for my $mistake (sort keys %mistakes) {
    my ($plugin) = $mistake =~ /(notify_\w+)/;
    my $file = spit(workdir() . '/vitald.conf', "PluginDir \"$BUILD/plugins\"\nTypesDB \"$SOURCE/etc/types.db\"\nLoadPlugin $plugin\n$mistake\n");
    my ($status, undef, $err) = run($VITALD, '-t', '-C', $file);
    isnt($status, 0, 'is not fine');
    like($err, $mistakes{$mistake}, "says: $mistakes{$mistake}");
  }
};

done_testing;
