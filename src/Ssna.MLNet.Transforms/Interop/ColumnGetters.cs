using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Ssna.MLNet.Interop;

/// <summary>The checks that every row of a <see cref="BlockMapper"/> makes before it hands out a getter.</summary>
internal static class ColumnGetters
{
    /// <exception cref="ArgumentException">The column is not active.</exception>
    public static void CheckActive(bool[] active, DataViewSchema.Column column)
    {
        if (column.Index >= active.Length || !active[column.Index])
        {
            throw Contracts.ExceptParam(nameof(column), $"Column '{column.Name}' is not active in this row.");
        }
    }

    /// <summary>The getter or buffer, as that of the type asked for.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public static TTyped Cast<TTyped, TValue>(object getter, DataViewSchema.Column column)
        where TTyped : class =>
        getter as TTyped
        ?? throw Contracts.Except(
            $"Invalid TValue '{typeof(TValue)}' in GetGetter for column '{column.Name}' of type '{column.Type}': "
                + $"expected '{column.Type.RawType}'."
        );
}
