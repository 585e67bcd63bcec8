namespace Defenses.Zoo;

/// <summary>A piece of a pen stroke in pixels: from one point to another, with the pen's radius.</summary>
internal readonly record struct PenStroke(double X0, double Y0, double X1, double Y1, double Radius);
