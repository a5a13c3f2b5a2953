# Fails as told and says on standard output what it threw: a JSON list of type and message, outermost first.
require "json"

class GateLocked < StandardError; end

def read(text)
  Integer(text)
end

def open_gate
  read("gate seven")
rescue ArgumentError
  raise IndexError, "no number"
end

def enter(message)
  open_gate
rescue IndexError
  raise GateLocked, message
end

begin
  enter(ARGV[0] == "lines" ? "gate 7\nis locked: for good" : "gate 7 is locked")
rescue GateLocked => error
  links = []
  link = error
  while link
    links << [link.class.name, link.message]
    link = link.cause
  end
  puts JSON.generate(links)
  $stdout.flush
  raise if ARGV[0] == "crash"
  warn error.full_message(highlight: false)
end
