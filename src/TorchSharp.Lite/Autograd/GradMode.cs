namespace TorchSharp;

public static partial class torch
{
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static bool is_grad_enabled() => Native.lite_grad_mode(-1) != 0;

    /// <summary>Switches recording on this thread, and back on disposal.</summary>
    private sealed class GradMode(bool enabled) : IDisposable
    {
        private readonly int _before = Native.lite_grad_mode(enabled ? 1 : 0);
        private bool _restored;

        public void Dispose()
        {
            if (_restored) return;
            _restored = true;
            _ = Native.lite_grad_mode(_before);
        }
    }
}
