using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Conversion to another dtype or device. Whatever changes becomes a new object; the old parameter is disposed.
        public partial class Module
        {
            protected DeviceType _deviceType = DeviceType.CPU;
            protected int _deviceIndex = -1;

            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                CheckDtype(dtype);
                CheckDevice(device.type);
                _toEpilog(dtype, device.type == DeviceType.CUDA ? device : new Device(device.type, -1), non_blocking);
                return this;
            }

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                if (deviceType != DeviceType.CUDA) deviceIndex = -1;
                CheckDevice(deviceType);
                if (deviceType != _deviceType || deviceIndex != _deviceIndex)
                    _toEpilog(null, new Device(deviceType, deviceIndex), non_blocking);
                return this;
            }

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                CheckDtype(dtype);
                _toEpilog(dtype, null, non_blocking);
                return this;
            }

            public Module _to(Tensor other, bool non_blocking)
            {
                _to(other.dtype, non_blocking);
                return _to(other.device_type, other.device_index, non_blocking);
            }

            protected void _toEpilog(ScalarType dtype, bool non_blocking) => _toEpilog(dtype, null, non_blocking);

            protected void _toEpilog(Device device, ScalarType dtype, bool non_blocking) => _toEpilog(dtype, device, non_blocking);

            protected void _toEpilog(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                _toEpilog(null, new Device(deviceType, deviceIndex), non_blocking);

            protected virtual void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
            {
                foreach (var (_, child) in named_children())
                {
                    if (device is null) child._to(dtype!.Value, non_blocking);
                    else if (dtype is null) child._to(device.type, device.index, non_blocking);
                    else child._to(device, dtype.Value, non_blocking);
                }
                // Both throw when two members share a name (two indexers, a shadowed property), as TorchSharp's do.
                var fields = Fields(GetType()).ToDictionary(field => field.ComponentName());
                var properties = GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).ToDictionary(property => property.Name);
                foreach (var (key, parameter) in named_parameters(false).ToList())
                {
                    if (!ReplaceParameter(dtype, device, parameter, out var moved)) continue;
                    if (properties.TryGetValue(key, out var property)) { property.SetValue(this, moved); continue; }
                    parameter.Dispose();
                    ConditionallyRegisterParameter(key, moved);
                    if (fields.TryGetValue(key, out var field)) field.SetValue(this, moved);
                }
                foreach (var (key, buffer) in named_buffers(false).ToList())
                {
                    if (!ReplaceBuffer(dtype, device, buffer, out var moved)) continue;
                    if (properties.TryGetValue(key, out var property)) { property.SetValue(this, moved); continue; }
                    ConditionallyRegisterBuffer(key, moved);
                    if (fields.TryGetValue(key, out var field)) field.SetValue(this, moved);
                }
                if (device is not null) (_deviceType, _deviceIndex) = (device.type, device.index);
            }

            protected static bool ReplaceBuffer(ScalarType? dtype, Device? device, Tensor buffer, out Tensor? result)
            {
                result = null;
                if (!Changes(buffer, dtype, device)) return false;
                result = buffer.to(Target(buffer, dtype), device ?? buffer.device).DetachFromDisposeScope();
                if (!ReferenceEquals(result, buffer)) buffer.Dispose();
                return true;
            }

            protected static bool ReplaceParameter(ScalarType? dtype, Device? device, Parameter param, out Parameter? p)
            {
                p = null;
                using var gradient = param.grad;
                if (!Changes(param, dtype, device) && (gradient is null || !Changes(gradient, dtype, device))) return false;
                using var untracked = no_grad();
                p = new Parameter(param.to(Target(param, dtype), device ?? param.device), param.requires_grad);
                p.DetachFromDisposeScope();
                if (gradient is null) return true;
                using var moved = gradient.to(Target(param, dtype), device ?? param.device);
                p.grad = moved;
                return true;
            }

            // The layers that know their parts move them by hand, parameters through the setter that disposes the old one.
            private protected void MoveParameter(ScalarType? dtype, Device? device, Parameter? parameter, Action<Parameter> set)
            {
                if (parameter is not null && ReplaceParameter(dtype, device, parameter, out var moved)) set(moved!);
            }

            private static ScalarType Target(Tensor tensor, ScalarType? dtype) =>
                dtype is not null && (is_floating_point(tensor) || is_complex(tensor)) ? dtype.Value : tensor.dtype;

            private static bool Changes(Tensor tensor, ScalarType? dtype, Device? device) =>
                (dtype is not null && tensor.dtype != dtype) || (device is not null && (tensor.device_type != device.type
                    || (device.type == DeviceType.CUDA && device.index >= 0 && tensor.device_index != device.index)));

            private static void CheckDtype(ScalarType dtype)
            {
                if (dtype is not (ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64
                    or ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64))
                    throw new ArgumentException($"nn.Module.to only accepts floating point or complex types, but got desired dtype={dtype}");
            }

            private static void CheckDevice(DeviceType type)
            {
                if (type == DeviceType.CUDA && !cuda.is_available()) throw new InvalidOperationException("CUDA is not available.");
            }
        }
    }
}
