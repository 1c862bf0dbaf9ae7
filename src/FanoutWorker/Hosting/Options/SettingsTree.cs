using System.Collections;
using System.Reflection;

namespace PushFanout.Worker.Hosting;

/// <summary>One property of the options as an operator sees it.</summary>
/// <param name="Property">Where it is bound.</param>
/// <param name="Path">Below the root, for example <c>Redis:Endpoints</c>; <c>*</c> stands for a name that the operator gives.</param>
/// <param name="Owner">Fresh options of the property's type, which have the defaults.</param>
internal sealed record SettingNode(PropertyInfo Property, string Path, object Owner)
{
    public SettingAttribute About => Property.GetCustomAttribute<SettingAttribute>()
        ?? throw new InvalidOperationException($"The setting {Path} has no {nameof(SettingAttribute)}.");

    /// <summary>The settings inside it, by name or not; null when it is a value itself.</summary>
    public Type? Section =>
        IsNamed ? Property.PropertyType.GetGenericArguments()[1]
        : Property.PropertyType.IsClass && Property.PropertyType.Assembly == typeof(SettingNode).Assembly ? Property.PropertyType
        : null;

    /// <summary>Whether the operator names its entries.</summary>
    public bool IsNamed => typeof(IDictionary).IsAssignableFrom(Property.PropertyType);
}

/// <summary>Everything that can be set, in the order of the properties: what <see cref="SettingsBinder"/> binds.</summary>
internal static class SettingsTree
{
    /// <summary>The settings and sections directly below one.</summary>
    public static IEnumerable<SettingNode> Below(Type options, string prefix = "")
    {
        var owner = Activator.CreateInstance(options)!;
        return options.GetProperties().Where(property => property.CanWrite).Select(property => new SettingNode(property, prefix + property.Name, owner));
    }

    /// <summary>The values below a section, however deep.</summary>
    public static IEnumerable<SettingNode> ValuesBelow(Type options, string prefix = "") => Below(options, prefix).SelectMany(node => node.Section is { } section
        ? ValuesBelow(section, node.Path + (node.IsNamed ? ":*:" : ":"))
        : [node]);
}
