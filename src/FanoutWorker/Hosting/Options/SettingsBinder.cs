using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace PushFanout.Worker.Hosting;

/// <summary>
/// Fills options from configuration, property by property, and checks each value against the property's attributes. Unlike the
/// framework's binder it refuses unknown keys, ignores no value it cannot read, and goes on after a fault to find the others.
/// An empty text is "not given".
/// </summary>
internal sealed class SettingsBinder(SettingFaults faults)
{
    public T Bind<T>(IConfigurationSection section) where T : class => (T)BindSection(typeof(T), section);

    private object BindSection(Type type, IConfigurationSection section)
    {
        var options = Activator.CreateInstance(type)!;
        if (!string.IsNullOrEmpty(section.Value))
        {
            faults.AddAt(section.Path, "must be a section with settings of its own, not one value");
            return options;
        }
        var properties = Array.FindAll(type.GetProperties(), property => property.CanWrite);
        foreach (var child in section.GetChildren())
        {
            var property = Array.Find(properties, candidate => candidate.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                faults.AddAt(child.Path, "is not a setting");
            }
            else if (BindValue(property, child) is { } value)
            {
                property.SetValue(options, value);
            }
        }
        foreach (var property in properties.Where(property => property.IsDefined(typeof(RequiredAttribute))))
        {
            var given = section.GetSection(property.Name);
            if (property.GetValue(options) is null or "" && string.IsNullOrWhiteSpace(given.Value) && !given.GetChildren().Any())
            {
                faults.AddAt(given.Path, "is required");
            }
        }
        return options;
    }

    private object? BindValue(PropertyInfo property, IConfigurationSection section)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (typeof(IDictionary).IsAssignableFrom(type))
        {
            return BindDictionary(type, section);
        }
        if (type == typeof(IReadOnlyList<string>))
        {
            return ReadList(section);
        }
        if (type.IsDefined(typeof(FlagsAttribute)))
        {
            return ReadFlags(type, section);
        }
        return type.IsClass && type.Assembly == typeof(SettingsBinder).Assembly ? BindSection(type, section) : ReadScalar(property, type, section);
    }

    private IDictionary BindDictionary(Type type, IConfigurationSection section)
    {
        var entries = (IDictionary)Activator.CreateInstance(type)!;
        if (!string.IsNullOrEmpty(section.Value))
        {
            faults.AddAt(section.Path, "must be a section with one entry per name, not one value");
        }
        foreach (var child in section.GetChildren())
        {
            entries[child.Key] = BindSection(type.GetGenericArguments()[1], child);
        }
        return entries;
    }

    /// <summary>A list, or one text with commas, which is what fits into an environment variable.</summary>
    private List<string>? ReadList(IConfigurationSection section)
    {
        var children = section.GetChildren().ToList();
        if (children.Count > 0 && !string.IsNullOrEmpty(section.Value))
        {
            faults.AddAt(section.Path, "is given twice, as a list and as one text");
            return null;
        }
        if (children.Count == 0)
        {
            return section.Value is null ? null : [.. section.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        }
        foreach (var child in children.Where(child => string.IsNullOrWhiteSpace(child.Value)))
        {
            faults.AddAt(child.Path, "must be a text");
        }
        return [.. children.Select(child => child.Value?.Trim() ?? "")];
    }

    private object? ReadFlags(Type type, IConfigurationSection section)
    {
        if (ReadList(section) is not { } words)
        {
            return null;
        }
        var flags = 0;
        foreach (var word in words)
        {
            if (SettingText.ParseWord(type, word) is { } flag)
            {
                flags |= (int)flag;
            }
            else
            {
                faults.AddAt(section.Path, $"must list only {string.Join(", ", SettingText.Words(type))}");
                return null;
            }
        }
        if (flags == 0)
        {
            faults.AddAt(section.Path, $"must list at least one of {string.Join(", ", SettingText.Words(type))}");
            return null;
        }
        return Enum.ToObject(type, flags);
    }

    private object? ReadScalar(PropertyInfo property, Type type, IConfigurationSection section)
    {
        if (section.GetChildren().Any())
        {
            faults.AddAt(section.Path, "must be one value, not a list or a section");
            return null;
        }
        if (string.IsNullOrWhiteSpace(section.Value))
        {
            return null;
        }
        var value = SettingText.Parse(type, section.Value, out var expected);
        if (value is null)
        {
            faults.AddAt(section.Path, $"must be {expected}");
            return null;
        }
        return IsInRange(property, value, section.Path) && HasForm(property, value, section.Path) ? value : null;
    }

    private bool IsInRange(PropertyInfo property, object value, string path)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is not { } range || range.IsValid(value))
        {
            return true;
        }
        faults.AddAt(path, string.Create(CultureInfo.InvariantCulture, $"must be from {range.Minimum} to {range.Maximum}, not {value}"));
        return false;
    }

    private bool HasForm(PropertyInfo property, object value, string path)
    {
        if (property.GetCustomAttribute<RegularExpressionAttribute>() is not { } form || form.IsValid(value))
        {
            return true;
        }
        faults.AddAt(path, $"must match {form.Pattern}");
        return false;
    }
}
