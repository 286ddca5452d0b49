using System.Runtime.CompilerServices;

// The checks look at what ML.NET's own tests look at: SchemaShape.Create and the like.
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]
