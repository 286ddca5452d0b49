using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;

namespace Ssna.MLNet.Columns;

/// <summary>A data view in memory of item ids and their embeddings.</summary>
internal static class ItemEmbeddingsView
{
    public static IDataView Create(
        IHost host,
        string idColumnName,
        string embeddingColumnName,
        ItemIds ids,
        float[][] embeddings
    )
    {
        var builder = new ArrayDataViewBuilder(host);
        if (ids is ItemIds<ReadOnlyMemory<char>>)
        {
            builder.AddColumn(idColumnName, [.. Enumerable.Range(0, ids.Count).Select(ids.ToText)]);
        }
        else
        {
            IntegerTypes.Visit<ArrayDataViewBuilder, IntegerColumn>(
                ids.Type.RawType,
                new IntegerColumn(builder, idColumnName, ids)
            );
        }
        builder.AddColumn(embeddingColumnName, NumberDataViewType.Single, embeddings);
        return builder.GetDataView();
    }

    private readonly struct IntegerColumn(ArrayDataViewBuilder builder, string name, ItemIds ids)
        : IIntegerVisitor<ArrayDataViewBuilder>
    {
        public ArrayDataViewBuilder Visit<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
        {
            var table = (ItemIds<T>)ids;
            builder.AddColumn(name, ids.Type, [.. Enumerable.Range(0, ids.Count).Select(index => table[index])]);
            return builder;
        }
    }
}
