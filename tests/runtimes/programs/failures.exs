# Fails as told and says on standard output what it threw: a JSON list of type and message, outermost first.
defmodule Park.GateLocked do
  defexception message: "locked"
end

defmodule Park.Gates do
  def enter(message), do: raise(Park.GateLocked, message: message)
end

[how] = System.argv()
message = if how == "lines", do: "gate 7\nis locked: for good", else: "gate 7 is locked"
IO.puts(~s([["Park.GateLocked","#{String.replace(message, "\n", "\\n")}"]]))

try do
  Park.Gates.enter(message)
rescue
  error ->
    if how == "crash", do: reraise(error, __STACKTRACE__)
    IO.puts(:stderr, Exception.format(:error, error, __STACKTRACE__))
end
