using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.ML;
using Spectre.Console;
using Spectre.Console.Rendering;
using Tools;

namespace Ssna.MLNet.Tool;

/// <summary>
/// What a command says: its result on standard output, as text or as JSON and nothing else; messages and progress on standard error.
/// </summary>
internal sealed class Terminal
{
    // Where output goes to a file or a pipe there is no width to keep to.
    private const int UnlimitedWidth = 1000;

    private static readonly JsonSerializerOptions s_line = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions s_indented = new(s_line) { WriteIndented = true };

    private readonly TextWriter _errors;
    private readonly IAnsiConsole _results;
    private readonly IAnsiConsole _messages;
    private readonly bool _isLive;

    /// <param name="configuration">Where a command writes.</param>
    /// <param name="json">Whether results are JSON.</param>
    public Terminal(InvocationConfiguration configuration, bool json)
    {
        Json = json;
        (Output, _errors) = (configuration.Output, configuration.Error);
        _results = Console(Output, isTerminal: Output == System.Console.Out && !System.Console.IsOutputRedirected);
        _isLive = _errors == System.Console.Error && !System.Console.IsErrorRedirected;
        _messages = Console(_errors, _isLive);
    }

    /// <summary>Whether results are JSON.</summary>
    public bool Json { get; }

    /// <summary>Standard output.</summary>
    public TextWriter Output { get; }

    /// <summary>Runs a command's work and gives its exit code; what goes wrong is one message.</summary>
    public Task<int> Guard(Action work, CancellationToken cancellation) =>
        CommandErrors.Guard(() => Task.Run(work, cancellation), _errors);

    /// <summary>Says something on the way.</summary>
    public void Say(string line)
    {
        if (_isLive)
        {
            // Above the bars, where there are some.
            _messages.WriteLine(line);
        }
        else
        {
            _errors.WriteLine(line);
        }
    }

    /// <summary>Says what the trainer has to say of its data, and what anybody warns of.</summary>
    public void Listen(MLContext mlContext) => TrainerLog.Listen(mlContext, Say);

    /// <summary>Does work that takes long, and shows how far it is: as bars, or line by line where nobody watches.</summary>
    public T Work<T>(Func<IWorkProgress, T> work) =>
        _isLive ? ProgressBars.Run(_messages, work) : work(new ProgressLines(_errors.WriteLine));

    /// <summary>Writes a result for people.</summary>
    public void Show(IRenderable result) => _results.Write(result);

    /// <summary>Writes a line of a result for people.</summary>
    public void Show(string line) => Output.WriteLine(line);

    /// <summary>Writes a result: as JSON where that was asked for, else as it is shown to people.</summary>
    public void Show<T>(T result, Action<Terminal> show)
    {
        if (Json)
        {
            Output.WriteLine(JsonSerializer.Serialize(result, s_indented));
        }
        else
        {
            show(this);
        }
    }

    /// <summary>A result as JSON on one line.</summary>
    public static string JsonLine<T>(T result) => JsonSerializer.Serialize(result, s_line);

    private static IAnsiConsole Console(TextWriter writer, bool isTerminal)
    {
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
                Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            }
        );
        if (!isTerminal)
        {
            console.Profile.Width = UnlimitedWidth;
        }
        return console;
    }
}
