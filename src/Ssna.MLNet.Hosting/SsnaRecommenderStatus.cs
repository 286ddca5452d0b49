namespace Ssna.MLNet.Hosting;

/// <summary>Which model serves, and whether the last attempt to load another went well.</summary>
/// <param name="LoadedAt">When the file of the model that serves was loaded.</param>
/// <param name="ItemCount">The items of its catalogue.</param>
/// <param name="Failure">Why the file that is there now could not be loaded, or null where it serves.</param>
public sealed record SsnaRecommenderStatus(DateTimeOffset LoadedAt, int ItemCount, Exception? Failure);
