using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace Ssna.MLNet.Checkpoints;

/// <summary>The name that a kind of saved settings has in files, whatever becomes of its type's.</summary>
/// <param name="name">The name; it stays for ever.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class SavedAsAttribute(string name) : Attribute
{
    public string Name => name;
}

/// <summary>
/// Saved settings of several kinds in JSON, told apart by a property "Kind". A kind is a type of the same assembly, derived from
/// the abstract one that is asked for, with a <see cref="SavedAsAttribute"/>: adding one touches no list.
/// </summary>
internal static class SavedKinds
{
    public static IJsonTypeInfoResolver Resolver { get; } =
        new DefaultJsonTypeInfoResolver { Modifiers = { AddKinds } };

    /// <summary>The kinds of a type by their names in files.</summary>
    public static IReadOnlyDictionary<string, Type> Of(Type kindOf) =>
        kindOf
            .Assembly.GetTypes()
            .Where(type => !type.IsAbstract && type.IsSubclassOf(kindOf))
            .Select(type => (type.GetCustomAttribute<SavedAsAttribute>(inherit: false)?.Name, Type: type))
            .Where(kind => kind.Name is not null)
            .ToDictionary(kind => kind.Name!, kind => kind.Type, StringComparer.Ordinal);

    private static void AddKinds(JsonTypeInfo json)
    {
        if (json.Kind != JsonTypeInfoKind.Object || !json.Type.IsAbstract || Of(json.Type) is not { Count: > 0 } kinds)
        {
            return;
        }
        json.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = "Kind" };
        foreach ((string name, Type type) in kinds)
        {
            json.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(type, name));
        }
    }
}
