using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;
using Microsoft.ML.Data;

namespace Ssna.MLNet.Vectors.Tests;

/// <summary>
/// A vector store's collection as providers make them, in memory: it reads the definition with the builder that the abstractions have
/// for providers, and keeps and finds records by what that says.
/// </summary>
internal sealed class InMemoryCollection(string name, VectorStoreCollectionDefinition definition)
    : VectorStoreCollection<string, EmbeddingRecord>
{
    private readonly CollectionModel _model = new Builder().Build(
        typeof(EmbeddingRecord),
        typeof(string),
        definition,
        defaultEmbeddingGenerator: null
    );
    private readonly Dictionary<string, ReadOnlyMemory<float>> _vectors = [];

    public override string Name => name;

    public int Count => _vectors.Count;

    /// <summary>What the definition says of the vectors.</summary>
    public VectorPropertyModel VectorProperty => _model.VectorProperty;

    public override Task UpsertAsync(EmbeddingRecord record, CancellationToken cancellationToken = default) =>
        UpsertAsync([record], cancellationToken);

    public override Task UpsertAsync(
        IEnumerable<EmbeddingRecord> records,
        CancellationToken cancellationToken = default
    )
    {
        foreach (EmbeddingRecord record in records)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string key = _model.KeyProperty.GetValue<string>(record)!;
            var vector = _model.VectorProperty.GetValue<ReadOnlyMemory<float>>(record);
            Assert.AreEqual(_model.VectorProperty.Dimensions, vector.Length);
            _vectors[key] = vector;
        }
        return Task.CompletedTask;
    }

    public override async IAsyncEnumerable<VectorSearchResult<EmbeddingRecord>> SearchAsync<TInput>(
        TInput searchValue,
        int top,
        VectorSearchOptions<EmbeddingRecord>? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var query = (ReadOnlyMemory<float>)(object)searchValue;
        foreach (
            (string key, float score) in _vectors
                .Select(pair => (pair.Key, Score: TensorPrimitives.CosineSimilarity(query.Span, pair.Value.Span)))
                .OrderByDescending(pair => pair.Score)
                .Take(top)
        )
        {
            await Task.Yield();
            yield return new(Create(key), score);
        }
    }

    public override Task<EmbeddingRecord?> GetAsync(
        string key,
        RecordRetrievalOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Task.FromResult(_vectors.ContainsKey(key) ? Create(key) : null);

    // As providers do, who know the record's type by the model alone.
    private EmbeddingRecord Create(string key)
    {
        var record = _model.CreateRecord<EmbeddingRecord>()!;
        _model.KeyProperty.SetValue(record, key);
        _model.VectorProperty.SetValue(record, _vectors[key]);
        return record;
    }

    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(true);

    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) =>
        Task.CompletedTask;

    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default)
    {
        _vectors.Clear();
        return Task.CompletedTask;
    }

    public override Task DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        _vectors.Remove(key);
        return Task.CompletedTask;
    }

    public override IAsyncEnumerable<EmbeddingRecord> GetAsync(
        Expression<Func<EmbeddingRecord, bool>> filter,
        int top,
        FilteredRecordRetrievalOptions<EmbeddingRecord>? options = null,
        CancellationToken cancellationToken = default
    ) => throw new NotSupportedException("No test filters.");

    public override object? GetService(Type serviceType, object? serviceKey = null) => null;

    private sealed class Builder()
        : CollectionModelBuilder(new() { SupportsMultipleVectors = false, RequiresAtLeastOneVector = true })
    {
        protected override bool IsDataPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
        {
            supportedTypes = "none";
            return false;
        }

        protected override bool IsVectorPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
        {
            supportedTypes = "ReadOnlyMemory<float>";
            return type == typeof(ReadOnlyMemory<float>);
        }
    }
}
