using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Ssna.MLNet.Testing;

/// <summary>Looks for members of ML.NET that an assembly was compiled against and the ML.NET beside it lacks.</summary>
public static class InternalsCheck
{
    /// <summary>Fails with the list of missing types and members, if there are any.</summary>
    /// <param name="assembly">An assembly compiled against ML.NET with its internals visible.</param>
    public static void AllMembersExist(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        using var file = new PEReader(File.OpenRead(assembly.Location));
        MetadataReader metadata = file.GetMetadataReader();
        var missing = new List<string>();
        int looked = 0;
        foreach (TypeReferenceHandle handle in metadata.TypeReferences)
        {
            TypeReference type = metadata.GetTypeReference(handle);
            if (IsMLNet(metadata, type))
            {
                looked++;
                Try(handle, () => FullName(metadata, type), token => assembly.ManifestModule.ResolveType(token));
            }
        }
        foreach (MemberReferenceHandle handle in metadata.MemberReferences)
        {
            MemberReference member = metadata.GetMemberReference(handle);
            if (
                member.Parent.Kind == HandleKind.TypeReference
                && metadata.GetTypeReference((TypeReferenceHandle)member.Parent) is var type
                && IsMLNet(metadata, type)
            )
            {
                looked++;
                Try(
                    handle,
                    () => $"{FullName(metadata, type)}.{metadata.GetString(member.Name)}",
                    token => assembly.ManifestModule.ResolveMember(token)
                );
            }
        }
        Assert.AreNotEqual(0, looked, $"'{assembly.GetName().Name}' names nothing of ML.NET; the check is at fault.");
        Assert.IsEmpty(
            missing,
            $"The ML.NET in use ({typeof(Microsoft.ML.MLContext).Assembly.GetName().Version}) lacks what "
                + $"'{assembly.GetName().Name}' calls: {string.Join(", ", missing)}. It was moved or renamed there: adapt "
                + "the Interop and Columns folders, or narrow the version range of Microsoft.ML."
        );

        void Try(EntityHandle handle, Func<string> name, Action<int> resolve)
        {
            try
            {
                resolve(MetadataTokens.GetToken(handle));
            }
            catch (Exception error) when (error is MissingMemberException or TypeLoadException or FileNotFoundException)
            {
                missing.Add(name());
            }
        }
    }

    /// <summary>Whether a type is of ML.NET.</summary>
    internal static bool IsMLNet(MetadataReader metadata, TypeReference type) =>
        type.ResolutionScope.Kind switch
        {
            HandleKind.TypeReference => IsMLNet(
                metadata,
                metadata.GetTypeReference((TypeReferenceHandle)type.ResolutionScope)
            ),
            HandleKind.AssemblyReference => metadata
                .GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name)
                .StartsWith("Microsoft.ML.", StringComparison.Ordinal),
            _ => false,
        };

    private static string FullName(MetadataReader metadata, TypeReference type) =>
        type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{FullName(metadata, metadata.GetTypeReference((TypeReferenceHandle)type.ResolutionScope))}.{metadata.GetString(type.Name)}"
            : $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
}
