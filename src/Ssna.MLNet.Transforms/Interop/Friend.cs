using System.Runtime.CompilerServices;

// ML.NET keeps what a saveable, loadable, typed transformer needs (ModelSaveContext's helpers, LoadableClass,
// SchemaShape.Column's constructor, IRowToRowMapper) internal. The runtime honours this attribute by name; the
// compiler sees the members through the copies that build/Publicizer makes.
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]
