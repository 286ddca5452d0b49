using Microsoft.Extensions.Logging;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Hosting;

namespace Microsoft.ML;

/// <summary>ML.NET's messages, and with them the progress that this library's training and extraction report, as those of an <see cref="ILogger"/>.</summary>
public static class MLContextLogging
{
    /// <summary>
    /// Writes the context's messages to a logger: errors as Error, warnings as Warning, what is said in passing (an epoch, how far
    /// an extraction is) as Information, and ML.NET's traces as Trace. Each is a structured entry with Source and Message.
    /// </summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="logger">Where its messages go.</param>
    /// <returns>Ends it when disposed.</returns>
    public static IDisposable LogTo(this MLContext mlContext, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentNullException.ThrowIfNull(logger);
        return new Bridge(mlContext, logger);
    }

    private sealed class Bridge : IDisposable
    {
        private readonly MLContext _mlContext;
        private readonly ILogger _logger;

        public Bridge(MLContext mlContext, ILogger logger)
        {
            (_mlContext, _logger) = (mlContext, logger);
            mlContext.Log += Write;
        }

        public void Dispose() => _mlContext.Log -= Write;

        private void Write(object? sender, LoggingEventArgs message)
        {
            LogLevel level = message.Kind switch
            {
                ChannelMessageKind.Error => LogLevel.Error,
                ChannelMessageKind.Warning => LogLevel.Warning,
                ChannelMessageKind.Info => LogLevel.Information,
                _ => LogLevel.Trace,
            };
            if (_logger.IsEnabled(level))
            {
                _logger.Log(level, "{Source}: {Message}", message.Source, message.RawMessage);
            }
        }
    }
}
