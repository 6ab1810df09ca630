#!/bin/sh
# Prints each include that points the wrong way: a room includes only from rooms on its left, a
# plugin never another plugin, and only daemon and tools know everyone.
cd "${top_srcdir:-$(dirname "$0")/..}" || exit 1

wrong=$(
  seen=
  for room in base model config pipeline plugin scheduler control; do
    seen="$seen $room"
    grep -rnE '^#include "[a-z_]+/' "src/$room" | while IFS= read -r line; do
      target=$(expr "$line" : '.*#include "\([a-z_]*\)/')
      case " $seen " in *" $target "*) ;; *) echo "$line" ;; esac
    done
  done
  for folder in plugins/*/; do
    name=$(basename "$folder")
    grep -rnE '^#include "[a-z_0-9]+/' "$folder" | while IFS= read -r line; do
      target=$(expr "$line" : '.*#include "\([a-z_0-9]*\)/')
      case " base model config pipeline plugin lib $name " in
        *" $target "*) ;;
        *) echo "$line" ;;
      esac
    done
  done
)
[ -z "$wrong" ] && exit 0
echo "includes that point the wrong way:"
echo "$wrong"
exit 1
