using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.ML.Runtime;
using Microsoft.Win32.SafeHandles;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Columns;
using Ssna.MLNet.Interop;

namespace Microsoft.ML.Trainers.Recommender;

public sealed partial class SsnaTransformer
{
    /// <summary>
    /// Saves the transformer, its item pipeline included, as <c>mlContext.Model.Save</c> does, and a hash of all of it for
    /// <see cref="Load"/>. The file is written beside and takes its name once it is complete: whatever happens, a file of that
    /// name stays whole. <c>mlContext.Model.Load</c> reads it too; it holds no input schema.
    /// </summary>
    /// <param name="path">The .zip; replaced where it exists.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of a permission.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelFile.Save(_host, this, path);
    }

    /// <summary>
    /// Loads what <see cref="Save(string)"/> or <c>mlContext.Model.Save</c> has written, after looking at what ML.NET does not: the
    /// number, names and sizes of the zip's entries, the hashes that <see cref="Save(string)"/> adds, and the assemblies that the
    /// models in it need. Those are ML.NET's, this library's, or must have been loaded by the application before. The input
    /// schema that <c>mlContext.Model.Save</c> adds is not read.
    /// </summary>
    /// <param name="context">Where to load it; its <see cref="MLContext.GpuDeviceId"/> says on what to compute.</param>
    /// <param name="path">The .zip.</param>
    /// <returns>The transformer; dispose of it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file, or no folder of an encoder saved by its path alone.</exception>
    /// <exception cref="FormatException">The file is damaged or holds another model; the message names it and says why.</exception>
    /// <exception cref="InvalidOperationException">The GPU that was asked for is not there and no CPU may stand in for it.</exception>
    public static SsnaTransformer Load(MLContext context, string path)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using SafeFileHandle handle = FolderFile.Open(path);
            using var stream = new FileStream(handle, FileAccess.Read);
            ModelArchive.Check(stream, LoaderSignature, PipelineFolder);
            stream.Position = 0;
            using RepositoryReader repository = RepositoryReader.Open(stream, context);
            ModelLoadContext.LoadModel<SsnaTransformer, SignatureLoadModel>(
                context,
                out SsnaTransformer model,
                repository,
                ModelFile.ModelFolder
            );
            return model;
        }
        catch (Exception error)
        {
            // ML.NET calls what loads a class by reflection, and wraps what it throws twice; a pipeline in a model four times.
            Exception cause = error;
            while (
                cause.InnerException is { } inner
                && (cause is TargetInvocationException || inner is TargetInvocationException)
            )
            {
                cause = inner;
            }
            if (IsOfTheMachine(cause))
            {
                ExceptionDispatchInfo.Throw(cause);
            }
            throw new FormatException($"'{path}' is not a saved SSNA model that can be loaded: {cause.Message}", cause);
        }
    }

    /// <summary>Whether an exception says something of the machine, or of files beside the model, and not of the model.</summary>
    private static bool IsOfTheMachine(Exception cause) =>
        cause
            is IOException
                and not EndOfStreamException
                or UnauthorizedAccessException
                or OperationCanceledException
                or DllNotFoundException
                or OutOfMemoryException
                or InvalidOperationException;
}
