using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // The registry of a network's parts: who the children, parameters and buffers are, in which order and under which keys.
        public partial class Module : IDisposable
        {
            protected Module(string name) => this.name = name;

            protected string? name;
            private bool _training = true;
            private bool _disposed;

            ~Module() => Dispose(false);

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing || _disposed) return;
                foreach (var (_, buffer) in named_buffers(false)) buffer.DetachFromDisposeScope().Dispose();
                foreach (var (_, parameter) in named_parameters(false)) parameter.DetachFromDisposeScope().Dispose();
                foreach (var (_, module) in named_modules()) module.Dispose();
                _disposed = true;
            }

            public virtual string GetName() => string.IsNullOrEmpty(name) ? GetType().Name : name;

            public virtual bool training => _training;

            public virtual void train(bool train = true)
            {
                _training = train;
                foreach (var (_, child) in named_children()) child.train(train);
            }

            public virtual void eval() => train(false);

            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, child) in _internal_submodules) child.apply(fn);
                fn(this);
                return this;
            }

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var (_, parameter) in named_parameters())
                {
                    using var gradient = parameter.grad;
                    if (gradient is null) continue;
                    if (set_to_none) parameter.grad = null;
                    else gradient.zero_();
                }
            }

            public virtual IEnumerable<(string name, Module module)> named_children() => _internal_submodules;

            public virtual IEnumerable<Module> children() => named_children().Select(entry => entry.module);

            // The module itself is left out, unlike in Python.
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var child in _internal_submodules) yield return child;
                foreach (var (prefix, child) in _internal_submodules)
                    foreach (var (key, module) in child.named_modules())
                        yield return ($"{prefix}.{key}", module);
            }

            public virtual IEnumerable<Module> modules() => named_modules().Select(entry => entry.module);

            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<IntPtr> { IntPtr.Zero };
                foreach (var (key, parameter) in _internal_params)
                    if (seen.Add(parameter.handle)) yield return (key, parameter);
                if (!recurse) yield break;
                foreach (var (prefix, child) in _internal_submodules)
                    foreach (var (key, parameter) in child.named_parameters(true))
                        if (seen.Add(parameter.handle)) yield return ($"{prefix}.{key}", parameter);
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) =>
                named_parameters(recurse).Select(entry => entry.parameter);

            // As in TorchSharp, buffers that are not persistent are left out whatever include_nonpersistent says.
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<IntPtr> { IntPtr.Zero };
                foreach (var (key, (buffer, persistent)) in _internal_buffers)
                    if (persistent && seen.Add(buffer.handle)) yield return (key, buffer);
                if (!recurse) yield break;
                foreach (var (prefix, child) in _internal_submodules)
                    foreach (var (key, buffer) in child.named_buffers(true, include_nonpersistent))
                        if (seen.Add(buffer.handle)) yield return ($"{prefix}.{key}", buffer);
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(entry => entry.buffer);

            public virtual bool has_parameter(string target) => get_parameter(target) is not null;

            public virtual bool has_buffer(string target) => get_buffer(target) is not null;

            public virtual Parameter? get_parameter(string target) =>
                _internal_params.TryGetValue(target, out var found) ? found : InChild(target, (child, key) => child.get_parameter(key));

            public virtual Tensor? get_buffer(string target) =>
                _internal_buffers.TryGetValue(target, out var found) ? found.Item1 : InChild(target, (child, key) => child.get_buffer(key));

            private T? InChild<T>(string target, Func<Module, string, T?> find) where T : class
            {
                var dot = target.IndexOf('.', StringComparison.Ordinal);
                return dot < 0 ? null : named_children().Where(entry => entry.name == target[..dot])
                    .Select(entry => find(entry.module, target[(dot + 1)..])).FirstOrDefault(found => found is not null);
            }
        }
    }
}
