using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ssna.MLNet.Interop;

/// <summary>A column that a <see cref="BlockMapper"/> adds.</summary>
/// <param name="Name">The name; an input column of the same name is hidden.</param>
/// <param name="Type">The type.</param>
/// <param name="InputColumns">The input columns that the values are computed from.</param>
/// <param name="Annotations">Slot names and the like, or null for none.</param>
internal sealed record OutputColumn(
    string Name,
    DataViewType Type,
    IReadOnlyList<DataViewSchema.Column> InputColumns,
    DataViewSchema.Annotations? Annotations = null
);
