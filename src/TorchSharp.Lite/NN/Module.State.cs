namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // The weights as a dictionary and as a file in TorchSharp's own format.
        public partial class Module
        {
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                foreach (var (key, parameter) in named_parameters()) destination.TryAdd(Key(prefix, key), parameter);
                foreach (var (key, buffer) in named_buffers(include_nonpersistent: false)) destination.TryAdd(Key(prefix, key), buffer);
                foreach (var (key, child) in _internal_submodules) child.state_dict(destination, Key(prefix, key));
                return destination;
            }

            private static string Key(string? prefix, string key) => string.IsNullOrEmpty(prefix) ? key : $"{prefix}.{key}";

            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                skip ??= [];
                var target = state_dict();
                var unexpected = source.Keys.Where(key => !skip.Contains(key) && !target.ContainsKey(key)).ToList();
                var missing = target.Keys.Where(key => !skip.Contains(key) && !source.ContainsKey(key)).ToList();
                if (strict && missing.Count + unexpected.Count > 0)
                    throw new InvalidOperationException("The loaded state_dict is not identical to the target dictionary.");
                using var untracked = no_grad();
                foreach (var (key, tensor) in source)
                    if (!skip.Contains(key) && target.TryGetValue(key, out var destination)) destination.copy_(tensor);
                return (missing, unexpected);
            }

            public Module save(string location, IList<string>? skip = null)
            {
                using var stream = File.Create(location);
                return save(stream, skip);
            }

            public Module save(Stream stream, IList<string>? skip = null)
            {
                using var writer = new BinaryWriter(stream);
                return save(writer, skip);
            }

            public Module save(BinaryWriter writer, IList<string>? skip = null)
            {
                save_state_dict(writer, state_dict(), skip);
                return this;
            }

            public static void save_state_dict(BinaryWriter writer, Dictionary<string, Tensor> sd, IList<string>? skip = null)
            {
                var entries = sd.Where(entry => skip is null || !skip.Contains(entry.Key)).ToList();
                writer.Encode(entries.Count);
                foreach (var (key, tensor) in entries)
                {
                    writer.Write(key);
                    tensor.Save(writer);
                }
            }

            public virtual Module load(string location, bool strict = true, IList<string>? skip = null,
                Dictionary<string, bool>? loadedParameters = null)
            {
                if (!File.Exists(location)) throw new FileNotFoundException(location);
                using var stream = File.OpenRead(location);
                return load(stream, strict, skip, loadedParameters);
            }

            public Module load(Stream stream, bool strict = true, IList<string>? skip = null,
                Dictionary<string, bool>? loadedParameters = null)
            {
                using var reader = new BinaryReader(stream);
                return load(reader, strict, skip, loadedParameters);
            }

            public virtual Module load(BinaryReader reader, bool strict = true, IList<string>? skip = null,
                Dictionary<string, bool>? loadedParameters = null)
            {
                // As in TorchSharp, a module elsewhere is read on the CPU and moved back: its parameters are new objects afterwards.
                var (type, index) = (_deviceType, _deviceIndex);
                if (type != DeviceType.CPU) this.cpu();
                try
                {
                    Read(reader, strict, skip, loadedParameters);
                }
                finally
                {
                    if (type != DeviceType.CPU) _to(type, index, false);
                }
                return this;
            }

            private void Read(BinaryReader reader, bool strict, IList<string>? skip, Dictionary<string, bool>? loadedParameters)
            {
                var target = state_dict();
                var count = reader.Decode();
                if (strict && count != target.Count)
                    throw new ArgumentException($"Mismatched state_dict sizes: expected {target.Count}, but found {count} entries.");
                for (var i = 0L; i < count; i++)
                {
                    var key = reader.ReadString();
                    var found = target.TryGetValue(key, out var tensor);
                    if (strict && !found)
                        throw new ArgumentException("Mismatched module state names: the target modules does not have "
                            + $"a submodule or buffer named '{key}'");
                    if (found && skip?.Contains(key) != true) tensor!.Load(reader);
                    else using (TensorExtensionMethods.Load(reader, skip: true)) { }
                    loadedParameters?.Add(key, found);
                }
            }

            public static Module Create<T>(string path) where T : Module, new() => new T().load(path);
        }
    }
}
