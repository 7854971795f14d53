# Reads signed messages (file names on standard input), verifies each with Mail::DKIM against the key
# record that is the only argument, and prints a result a line.
use strict;
use warnings;
use Mail::DKIM::Verifier;
use Mail::DKIM::DNS;
use Net::DNS::RR;

my $record = shift;
{
	no warnings 'redefine';
	*Mail::DKIM::DNS::query = sub {
		my ($name) = @_;
		return Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => [$record =~ /.{1,250}/g]);
	};
}
while (my $path = <STDIN>) {
	chomp $path;
	my $verifier = Mail::DKIM::Verifier->new();
	open my $file, '<:raw', $path or die "$path: $!";
	local $/;
	$verifier->PRINT(<$file>);
	$verifier->CLOSE;
	print $verifier->result_detail, "\n";
}
