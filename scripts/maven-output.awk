# Thins Maven's output to what a person who waits for tests wants to see: modules, results, warnings, errors and what tests print.

{ sub(/^(\033\[[0-9;]*m)+/, "") }

/^\[INFO\] Building .*\[[0-9]+\/[0-9]+\]$/ || /^\[INFO\] Tests run:.*-- in / { sub(/^\[INFO\] /, ""); print; fflush(); next }
/^\[ERROR\] (\[Help|-> \[Help|To see the full|Re-run Maven|For more information|After correcting|  mvn <args>)/ { next }
/^\[(INFO|ERROR)\] *$/ || /^\[INFO\]/ || /^Download(ing|ed) / || /^Progress / || /^[[:space:]]*$/ { next }
{ print; fflush() }
