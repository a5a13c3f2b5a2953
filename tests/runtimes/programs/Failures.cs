// Fails as told and says on standard output what it threw: a JSON list of type and message, outermost first.
using System;

namespace Park.Gates
{
    class GateLocked : Exception
    {
        public GateLocked(string message, Exception inner) : base(message, inner) { }
    }

    static class Failures
    {
        static int Read(string text) { return int.Parse(text); }

        static void Open()
        {
            try { Read("gate seven"); }
            catch (FormatException error) { throw new InvalidOperationException("no number", error); }
        }

        static void Enter(string message)
        {
            try { Open(); }
            catch (InvalidOperationException error) { throw new GateLocked(message, error); }
        }

        static string Quoted(string text) { return "\"" + text.Replace("\"", "\\\"").Replace("\n", "\\n") + "\""; }

        static void Main(string[] arguments)
        {
            try { Enter(arguments[0] == "lines" ? "gate 7\nis locked: for good" : "gate 7 is locked"); }
            catch (GateLocked error)
            {
                var told = "";
                for (Exception link = error; link != null; link = link.InnerException)
                    told += (told == "" ? "" : ",") + "[" + Quoted(link.GetType().FullName) + "," + Quoted(link.Message) + "]";
                Console.WriteLine("[" + told + "]");
                if (arguments[0] == "crash") throw;
                Console.Error.WriteLine(error);
            }
        }
    }
}
