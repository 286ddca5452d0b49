using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace VectorIndex;

/// <summary>A customer and what was taken, oldest first.</summary>
internal sealed class Customer
{
    public string User { get; set; } = "";

    public string[] Sequence { get; set; } = [];
}

/// <summary>A trained model and the customers to recommend to.</summary>
internal sealed record Shop(SsnaTransformer Model, Customer[] Customers) : IDisposable
{
    /// <summary>The customers with a column Embedding.</summary>
    public IDataView UserEmbeddings(MLContext mlContext) =>
        Model.GetUserEmbeddings(mlContext.Data.LoadFromEnumerable(Customers));

    /// <summary>The embedding of one customer, as a service computes it for a request.</summary>
    public float[] UserEmbedding(MLContext mlContext, Customer customer) =>
        Model.GetUserEmbeddings(mlContext.Data.LoadFromEnumerable([customer])).GetColumn<float[]>("Embedding").Single();

    public void Dispose() => Model.Dispose();
}
