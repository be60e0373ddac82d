package dialogs
import ("testing";"os";"fmt")
func TestZZ(t *testing.T){
 kit,err:=Load(os.DirFS(os.Getenv("KIT"))); if err!=nil{t.Fatal(err)}
 b,_:=os.ReadFile(os.Getenv("SCRIPT"))
 got,err:=Play(kit,string(b)); fmt.Println(got,err)
}
