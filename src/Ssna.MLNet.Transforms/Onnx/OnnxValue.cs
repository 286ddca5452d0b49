namespace Ssna.MLNet.Onnx;

/// <summary>A value in a graph: an input, a weight or what an operator gives.</summary>
/// <param name="Name">Its name in the file.</param>
internal readonly record struct OnnxValue(string Name);
