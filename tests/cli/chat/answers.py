"""Answers that show all of Markdown, are taller than a window, or mean harm."""

from __future__ import annotations

TOUR = """\
# A weekend in *Kraków*

Take the **night train**; it has `sleeping cars`, see the \
[timetable](https://rail.example/kr?day=sat)
or <https://rail.example>. ~~Fly.~~ 中央市場広場は13世紀に作られた広場で、\
今でも町の中心です。夕方にはとても美しく、\
人がたくさん集まります。
Hebrew for bread is לחם, and Arabic خبز; a café is a cafe\u0301.

## What to see

1. Old town
   - *Rynek Główny*, which is so large that one can get lost in it \
on the way from one side to the other
     - Cloth Hall
   - St Mary's
2. Wawel

   It takes half a day.
3. [ ] Kazimierz

> Buy the ticket **before** you go.
>
> > They do sell out.

### How long it takes

| From | Minutes | How |
|:-----|--------:|:---:|
| Station | 10 | on foot |
| Airport | 25 | the train, which goes every half hour \
and stops at all the stations between there and the centre |
| 中央市場 | 3 | 🚋 |

```python
def minutes(place: str) -> int:
    \"\"\"How long it takes.\"\"\"
    return {"Station": 10}[place]  # or a KeyError
```

    indented code

---

<details>
<summary>More</summary>
</details>

![A map](https://maps.example/kr.png)

A word that is too long: https://example.org/0123456789/0123456789/0123456789/\
0123456789/0123456789/0123456789/0123456789
"""

TALL = "\n".join(
    [
        "All the numbers:\n\n```python",
        *(f"n{number} = {number}" for number in range(1, 71)),
        "```\n",
        *(f"{number}. item" for number in range(1, 31)),
        "\nAnd a paragraph that is taller than the window: " + "on and on it goes, " * 130,
        "\n```",
        "left = open",
    ]
)

HOSTILE = """\
\x1b[2J\x1b[Hred \x1b[31mred \x1b]0;title\x07 \x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\ \
\x1b]52;c;aGk=\x07

- \x1bPq\x1b\\ \x9b31m \x9d0;x\x9c \x85 \x1bc \x1b[6n \x1b[?1049h
- \u202eevil\u202c \u2066x\u2069 \u2028 \r \x08\x08 \x00 \x7f \U000e0041
- &#27;[31m &#x9b; &#x202e; <http://a/%1b%5b31m> [x](http://a/%1b%5b2J)

| \x1b[31mred | [bold]no[/bold] |
|---|---|
| \x9b2J | :smile: [link=http://evil]x[/link] |

```\x1b[31mpy
\x1b[2J = 1\t\x1b
```
"""
