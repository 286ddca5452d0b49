using System.CommandLine;
using System.Text.Json;
using Tools;

namespace Ssna.MLNet.Tool.Tests;

/// <summary>Runs the command in this process.</summary>
internal static class CommandLine
{
    /// <summary>What a run ended with.</summary>
    internal sealed record Result(int ExitCode, string Output, string Errors)
    {
        /// <summary>The output as JSON, after a run that ended well.</summary>
        public JsonElement Json
        {
            get
            {
                Assert.AreEqual(0, ExitCode, Errors);
                return JsonElement.Parse(Output);
            }
        }

        /// <summary>The whole of what a run that failed said: one message and no stack trace.</summary>
        public string Message
        {
            get
            {
                Assert.AreEqual(1, ExitCode, Output);
                Assert.AreEqual("", Output);
                string last = Errors.TrimEnd().Split(Environment.NewLine)[^1];
                Assert.DoesNotContain("   at ", Errors);
                return last;
            }
        }
    }

    public static async Task<Result> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int exitCode = await TerminationSignals.InvokeAsync(
            ToolCommand.Create(),
            arguments,
            new InvocationConfiguration { Output = output, Error = errors },
            CancellationToken.None
        );
        return new(exitCode, output.ToString(), errors.ToString());
    }
}
