using System.Globalization;
using Google.Protobuf;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static Ssna.MLNet.Onnx.TensorProto.Types;
using static TorchSharp.torch;

namespace Ssna.MLNet.Onnx;

/// <summary>A file of a graph, beside which its weights stand where they are too large for one.</summary>
internal static class OnnxFile
{
    /// <summary>The operators' version, of June 2022: the first with layer normalisation, and known to ONNX Runtime from 1.12 on.</summary>
    public const int OperatorSet = 17;

    private const int FormatVersion = 8; // of the same time

    /// <summary>Bytes of weights that a file holds; in the format itself, none may have 2 GB.</summary>
    private const long LargestFile = 1_900_000_000;

    private const int SmallWeight = 1024; // such stay in the file, where readers look for shapes
    private const int Page = 4096; // weights beside a file begin with one, so that they can be mapped

    /// <summary>How the name of a file of weights ends, behind that of the file that they belong to.</summary>
    private const string WeightsExtension = ".data";

    /// <summary>Writes a graph, and other files that belong to it: all of them or none.</summary>
    /// <param name="path">The .onnx; replaced where it exists. Large weights go to a file of its name with .data behind it.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="meaning">What it computes, for those who read the file.</param>
    /// <param name="metadata">What else is to be known of it, by names.</param>
    /// <param name="others">Files of the same folder.</param>
    /// <param name="largestFile">Bytes of weights above which they go beside the file; null for as many as the format takes.</param>
    public static void Write(
        string path,
        OnnxGraph graph,
        string meaning,
        IReadOnlyDictionary<string, string> metadata,
        IReadOnlyList<(string Name, Action<FileStream> Write)> others,
        long? largestFile = null
    )
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string name = Path.GetFileName(path);
        string weightsName = name + WeightsExtension;
        var model = new ModelProto
        {
            IrVersion = FormatVersion,
            ProducerName = LibraryVersions.Own,
            ProducerVersion = LibraryVersions.Present[LibraryVersions.Own],
            DocString = meaning,
            Graph = graph.Content,
            OpsetImport =
            {
                new OperatorSetIdProto { Domain = "", Version = OperatorSet },
            },
            MetadataProps =
            {
                metadata.Select(pair => new StringStringEntryProto { Key = pair.Key, Value = pair.Value }),
            },
        };
        List<(string, Action<FileStream>)> files = [.. others];
        string[] obsolete = [weightsName];
        if (graph.Weights.Sum(weight => BytesOf(weight.Values)) > (largestFile ?? LargestFile))
        {
            List<Tensor> large = PlaceBeside(graph, weightsName);
            files.Add((weightsName, file => WriteWeights(file, large)));
            obsolete = [];
        }
        files.Add((name, file => WriteModel(file, model, graph)));
        WholeFile.WriteTogether(folder, files, obsolete);
    }

    private static void WriteModel(FileStream file, ModelProto model, OnnxGraph graph)
    {
        foreach ((TensorProto place, Tensor values) in graph.Weights)
        {
            if (place.DataLocation == DataLocation.Default)
            {
                using Tensor local = DeviceMemory.Read(values);
                using Tensor flat = local.contiguous();
                place.RawData = ByteString.CopyFrom(flat.bytes);
            }
        }
        model.WriteTo(file);
    }

    /// <summary>Gives weights places in a file of their own.</summary>
    /// <returns>Those weights, in the file's order.</returns>
    private static List<Tensor> PlaceBeside(OnnxGraph graph, string weightsName)
    {
        var large = new List<Tensor>();
        long offset = 0;
        foreach ((TensorProto place, Tensor values) in graph.Weights)
        {
            long length = BytesOf(values);
            if (length > SmallWeight)
            {
                place.DataLocation = DataLocation.External;
                place.ExternalData.Add(Entry("location", weightsName));
                place.ExternalData.Add(Entry("offset", offset.ToString(CultureInfo.InvariantCulture)));
                place.ExternalData.Add(Entry("length", length.ToString(CultureInfo.InvariantCulture)));
                large.Add(values);
                offset = NextPage(offset + length);
            }
        }
        return large;
    }

    private static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };

    private static void WriteWeights(FileStream file, List<Tensor> weights)
    {
        foreach (Tensor weight in weights)
        {
            file.SetLength(NextPage(file.Length));
            file.Position = file.Length;
            SafetensorsWriter.WriteBytesOf(weight, file);
        }
    }

    private static long BytesOf(Tensor values) => values.numel() * values.ElementSize;

    private static long NextPage(long offset) => (offset + Page - 1) / Page * Page;
}
