using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Tool.Commands;

/// <summary>What a command that asks a model works with.</summary>
/// <param name="Terminal">Who is told.</param>
/// <param name="MLContext">The model's context.</param>
/// <param name="Model">The model, loaded; freed when the work is done.</param>
/// <param name="Arguments">The command line.</param>
/// <param name="Cancellation">Stops the work.</param>
internal sealed record ModelWork(
    Terminal Terminal,
    MLContext MLContext,
    SsnaTransformer Model,
    ParseResult Arguments,
    CancellationToken Cancellation
)
{
    /// <summary>Has a command load its model and do its work, of which what goes wrong is one message.</summary>
    /// <param name="command">The command.</param>
    /// <param name="model">Names the model.</param>
    /// <param name="json">Whether results are JSON.</param>
    /// <param name="work">The work.</param>
    /// <param name="prepare">Done before the model is loaded; null for nothing.</param>
    public static void Run(
        Command command,
        Argument<string> model,
        Option<bool> json,
        Action<ModelWork> work,
        Action<ParseResult>? prepare = null
    ) =>
        command.SetAction(
            (arguments, cancellation) =>
            {
                var terminal = new Terminal(arguments.InvocationConfiguration, arguments.GetValue(json));
                return terminal.Guard(
                    () =>
                    {
                        var mlContext = new MLContext(seed: 1);
                        terminal.Listen(mlContext);
                        prepare?.Invoke(arguments);
                        using var loaded = SsnaTransformer.Load(mlContext, arguments.GetRequiredValue(model));
                        work(new(terminal, mlContext, loaded, arguments, cancellation));
                    },
                    cancellation
                );
            }
        );
}
