namespace Microsoft.ML.Transforms;

/// <summary>How far a <see cref="ModelHub"/> has fetched a model. Settings come first, and their sizes count by themselves.</summary>
/// <param name="Model">The model's id, with the revision where one was named.</param>
/// <param name="File">The file that is coming.</param>
/// <param name="Bytes">Bytes that are there, of all files that come together; fewer than before where a file has to come anew.</param>
/// <param name="TotalBytes">Bytes of them all.</param>
public sealed record ModelHubProgress(string Model, string File, long Bytes, long TotalBytes);
