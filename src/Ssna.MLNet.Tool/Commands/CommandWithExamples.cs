using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Ssna.MLNet.Tool.Commands;

/// <summary>A command whose help ends in examples.</summary>
/// <param name="name">Its name.</param>
/// <param name="description">What it does.</param>
/// <param name="examples">Command lines.</param>
internal sealed class CommandWithExamples(string name, string description, string examples) : Command(name, description)
{
    /// <summary>Has the help of all such commands below a root show their examples.</summary>
    public static void ShowExamples(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new Help((HelpAction)help.Action!);
    }

    private string Examples => examples;

    private sealed class Help(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int exitCode = help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is CommandWithExamples command)
            {
                TextWriter output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                output.WriteLine("  " + command.Examples.ReplaceLineEndings(Environment.NewLine + "  "));
            }
            return exitCode;
        }
    }
}
